//! Bytes of a file on disk as a stream: one piece is read ahead while the last one is sent, so that memory stays bounded
//! and neither the disk nor the socket waits for the other.

use super::blocking;
use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

/// Bytes read at once. Measured against 64 KiB: fewer turns through the pool of blocking threads.
const PIECE: u64 = 128 * 1024;

/// What was read, and the buffer it stands in: once that is sent it serves again.
type Read = BoxFuture<'static, io::Result<(Bytes, BytesMut)>>;

/// The whole file, as long as it is now.
pub fn whole(file: File) -> BoxStream<'static, io::Result<Bytes>> {
    let size = file.metadata().map(|data| data.len()).unwrap_or(0);
    piece(file, 0, size)
}

/// `length` bytes from `first` on. One error ends it, also where the file is shorter.
pub fn piece(file: File, first: u64, length: u64) -> BoxStream<'static, io::Result<Bytes>> {
    let file = Arc::new(file);
    let end = first.saturating_add(length);
    let ahead = read(&file, first, end, BytesMut::new());
    // Two buffers take turns for as long as the stream lives: made anew for each piece on one thread and freed on another,
    // they keep the allocator from giving anything back.
    let spare = BytesMut::new();
    stream::unfold((file, first, ahead, spare), move |(file, at, ahead, spare)| async move {
        let (bytes, sent) = match ahead?.await {
            Ok(read) => read,
            Err(error) => return Some((Err(error), (file, end, None, spare))),
        };
        let next = at + bytes.len() as u64;
        let ahead = read(&file, next, end, spare);
        Some((Ok(bytes), (file, next, ahead, sent)))
    })
    .boxed()
}

/// Begins to read the next bytes at once; `None` at the end.
fn read(file: &Arc<File>, at: u64, end: u64, buffer: BytesMut) -> Option<Read> {
    let wanted = PIECE.min(end.saturating_sub(at));
    if wanted == 0 {
        return None;
    }
    let file = Arc::clone(file);
    // The task runs whether or not anybody waits for it yet.
    let task = tokio::task::spawn_blocking(move || fill(&file, at, wanted, buffer));
    Some(Box::pin(async move { task.await.map_err(io::Error::other)? }))
}

fn fill(file: &File, at: u64, wanted: u64, mut buffer: BytesMut) -> io::Result<(Bytes, BytesMut)> {
    let wanted = usize::try_from(wanted).map_err(io::Error::other)?;
    buffer.resize(wanted, 0);
    let mut filled = 0;
    while filled < wanted {
        let read = file.read_at(&mut buffer[filled..], at + filled as u64);
        match read {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((buffer.split().freeze(), buffer))
}

/// The SHA-256 and length of what a stream gives, in hex.
///
/// # Errors
/// What the stream says.
pub async fn digest(mut bytes: BoxStream<'static, io::Result<Bytes>>) -> io::Result<(String, u64)> {
    use sha2::{Digest, Sha256};
    let (mut digest, mut size) = (Sha256::new(), 0);
    while let Some(piece) = bytes.next().await {
        let piece = piece?;
        size += piece.len() as u64;
        digest = blocking(move || Ok(digest.chain_update(&piece))).await?;
    }
    Ok((hex::encode(digest.finalize()), size))
}
