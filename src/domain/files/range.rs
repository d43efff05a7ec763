//! Which piece of a file a request asks for (RFC 9110, section 14), and whether it has it already.

/// A piece, or the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// `length` bytes from `first` on.
    Piece {
        /// The first byte.
        first: u64,
        /// How many; at least 1.
        length: u64,
    },
    /// It lies beyond the end.
    Beyond,
}

/// Reads a `Range` header for a file of `size` bytes. Units and forms that are not understood, and several pieces at once,
/// mean the whole, as the standard allows.
pub fn part(header: Option<&str>, size: u64) -> Part {
    let Some(spec) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else {
        return Part::Whole;
    };
    let Some((first, last)) = spec.trim().split_once('-').filter(|_| !spec.contains(',')) else {
        return Part::Whole;
    };
    let number = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse::<u64>().ok())
    };
    let (first, last) = (first.trim(), last.trim());
    match (first.is_empty(), last.is_empty()) {
        (true, true) => Part::Whole,
        (true, false) => match number(last) {
            None => Part::Whole,
            // More digits than a number holds ask for everything there is.
            Some(suffix) => ending(suffix.unwrap_or(u64::MAX), size),
        },
        (false, _) => match (number(first), number(last)) {
            // An open end and one of too many digits both mean the last byte there is.
            (Some(first), Some(last)) => between(first.unwrap_or(u64::MAX), last.unwrap_or(u64::MAX), size),
            _ => Part::Whole,
        },
    }
}

fn ending(suffix: u64, size: u64) -> Part {
    let length = suffix.min(size);
    match length {
        0 => Part::Beyond,
        _ => Part::Piece {
            first: size - length,
            length,
        },
    }
}

fn between(first: u64, last: u64, size: u64) -> Part {
    match (first, last) {
        (first, last) if last < first => Part::Whole,
        (first, _) if first >= size => Part::Beyond,
        (first, last) => Part::Piece {
            first,
            length: last.min(size - 1) - first + 1,
        },
    }
}

/// Whether an `If-None-Match` or `If-Match` header names this tag; weak ones compare by their text.
pub fn names_tag(header: &str, tag: &str) -> bool {
    header
        .split(',')
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == "*" || one == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        let piece = |first, length| Part::Piece { first, length };
        for (header, size, expected) in [
            ("bytes=0-0", 10, piece(0, 1)),
            ("bytes=2-5", 10, piece(2, 4)),
            ("bytes=5-", 10, piece(5, 5)),
            ("bytes=-3", 10, piece(7, 3)),
            ("bytes=-99", 10, piece(0, 10)),
            ("bytes=0-999", 10, piece(0, 10)),
            ("bytes=9-99999999999999999999999", 10, piece(9, 1)),
            ("bytes=10-", 10, Part::Beyond),
            ("bytes=10-20", 10, Part::Beyond),
            ("bytes=99999999999999999999999-", 10, Part::Beyond),
            ("bytes=-0", 10, Part::Beyond),
            ("bytes=0-", 0, Part::Beyond),
            ("bytes=5-2", 10, Part::Whole),
            ("bytes=a-b", 10, Part::Whole),
            ("bytes=-", 10, Part::Whole),
            ("bytes=0-1,4-5", 10, Part::Whole),
            ("lines=0-1", 10, Part::Whole),
            ("bytes=+1-2", 10, Part::Whole),
        ] {
            assert_eq!(part(Some(header), size), expected, "{header} of {size}");
        }
        assert_eq!(part(None, 10), Part::Whole);
    }

    #[test]
    fn tags_are_found_in_lists() {
        assert!(names_tag("\"a\", W/\"b\"", "\"b\""));
        assert!(names_tag("*", "\"b\""));
        assert!(!names_tag("\"ab\"", "\"b\""));
    }
}
