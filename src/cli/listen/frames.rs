//! Server-sent events out of a stream of bytes (WHATWG HTML §9.2), as far as ours go.

/// Bytes of one event that are gathered; ours are JSON bodies of at most a few hundred KiB.
const FRAME_MAX: usize = 8 * 1024 * 1024;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// Where to go on after it.
    pub(super) id: String,
    /// Its name.
    pub(super) event: String,
    /// Its body.
    pub(super) data: String,
}

/// Gathers bytes until an event is whole.
#[derive(Debug, Default)]
pub(super) struct Frames {
    line: Vec<u8>,
    frame: Frame,
}

impl Frames {
    /// Takes in bytes and gives out the events they complete; `None` where one is larger than any of ours.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Option<Vec<Frame>> {
        let mut whole = Vec::new();
        for byte in bytes {
            if *byte != b'\n' {
                self.line.push(*byte);
                if self.line.len() + self.frame.data.len() > FRAME_MAX {
                    return None;
                }
                continue;
            }
            let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
            whole.extend(self.end_line(line.trim_end_matches('\r')));
        }
        Some(whole)
    }

    fn end_line(&mut self, line: &str) -> Option<Frame> {
        if line.is_empty() {
            let frame = std::mem::take(&mut self.frame);
            return (!frame.data.is_empty()).then_some(frame);
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => value.clone_into(&mut self.frame.id),
            "event" => value.clone_into(&mut self.frame.event),
            "data" => {
                if !self.frame.data.is_empty() {
                    self.frame.data.push('\n');
                }
                self.frame.data.push_str(value);
            }
            // Comments keep the line open; `retry` is for browsers.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_whole_wherever_the_bytes_are_cut() {
        let text = "retry: 2000\n: connected\n\nid: evt_1\nevent: product.created\ndata: {\"a\":\"ü\"}\n\n: alive\n\nid: 2\r\nevent: x\r\ndata: one\r\ndata: two\r\n\r\n";
        let expected = [
            Frame {
                id: "evt_1".into(),
                event: "product.created".into(),
                data: "{\"a\":\"ü\"}".into(),
            },
            Frame {
                id: "2".into(),
                event: "x".into(),
                data: "one\ntwo".into(),
            },
        ];
        for size in 1..text.len() {
            let mut frames = Frames::default();
            let found: Vec<Frame> = text
                .as_bytes()
                .chunks(size)
                .flat_map(|bytes| frames.take(bytes).unwrap())
                .collect();
            assert_eq!(found, expected, "{size}");
        }
    }
}
