//! Headers of a tar archive (POSIX ustar), for archives that are written as they are made.

/// What everything in an archive is a multiple of.
pub const BLOCK: usize = 512;
/// Greatest size that eleven octal digits hold.
const OCTAL_MAX: u64 = 0o777_7777_7777;

/// The header of a file of `size` bytes; a name of more than 100 bytes is cut.
pub fn header(name: &str, size: u64, changed_s: i64) -> [u8; BLOCK] {
    let mut block = [0_u8; BLOCK];
    let cut = name.len().min(100);
    block[..cut].copy_from_slice(&name.as_bytes()[..cut]);
    put(&mut block, 100, b"0000644\0");
    put(&mut block, 108, b"0000000\0");
    put(&mut block, 116, b"0000000\0");
    if size > OCTAL_MAX {
        // What all readers of the last decades understand: the number itself, its first bit set.
        block[124] = 0x80;
        block[128..136].copy_from_slice(&size.to_be_bytes());
    } else {
        put(&mut block, 124, format!("{size:011o}\0").as_bytes());
    }
    let changed = u64::try_from(changed_s).unwrap_or(0).min(OCTAL_MAX);
    put(&mut block, 136, format!("{changed:011o}\0").as_bytes());
    put(&mut block, 148, b"        ");
    block[156] = b'0';
    put(&mut block, 257, b"ustar\x0000");
    let sum: u32 = block.iter().copied().map(u32::from).sum();
    put(&mut block, 148, format!("{sum:06o}\0 ").as_bytes());
    block
}

/// What fills a file of this size up to whole blocks.
pub fn padding(size: u64) -> usize {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    (BLOCK - over) % BLOCK
}

/// What ends an archive.
pub const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

fn put(block: &mut [u8; BLOCK], at: usize, bytes: &[u8]) {
    block[at..at + bytes.len()].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_what_readers_expect() {
        let block = header("tables/products-0001.jsonl", 5, 1_790_000_000);
        assert_eq!(&block[..26], b"tables/products-0001.jsonl");
        assert_eq!(&block[124..136], b"00000000005\0");
        assert_eq!(&block[257..265], b"ustar\x0000");
        let told = u32::from_str_radix(std::str::from_utf8(&block[148..154]).unwrap(), 8).unwrap();
        let mut blank = block;
        blank[148..156].fill(b' ');
        assert_eq!(told, blank.iter().copied().map(u32::from).sum::<u32>());
        assert_eq!((padding(0), padding(1), padding(512), padding(513)), (0, 511, 0, 511));
    }

    #[test]
    fn a_file_beyond_eight_gib_has_its_size_too() {
        let block = header("files/x", 1 << 40, 0);
        assert_eq!((block[124], &block[128..136]), (0x80, &(1_u64 << 40).to_be_bytes()[..]));
    }
}
