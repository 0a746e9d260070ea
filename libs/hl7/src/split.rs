//! Splits a file, batch (`FHS`, `BHS`, `MSH`…) or frame into messages, with any line ends. It must work on bytes, because
//! each message has its own character set.
//!
//! A line feed inside a field must not begin a message. After a lone line feed in a message with carriage returns, `MSH`
//! is text, and a batch header counts only with its encoding characters.

/// Each message, from its `MSH` to its last segment. Text before the first `MSH` is returned as a message too, so that it
/// is stored and answered as unreadable.
pub fn split_messages(file: &[u8]) -> Vec<&[u8]> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let (mut found, mut open): (Vec<OpenMessage>, Option<OpenMessage>) = (vec![], None);
    let mut start = 0;
    for end in 0..=file.len() {
        let ends = file.get(end).is_none_or(|byte| matches!(byte, b'\r' | b'\n' | 0x0B | 0x1C));
        if !ends {
            continue;
        }
        let line = file.get(start..end).unwrap_or_default();
        let in_text = open.as_ref().is_some_and(|open| open.carriage_returns && after_line_feed(file, start));
        match LineKind::of(line, in_text) {
            LineKind::Blank => {}
            LineKind::Envelope => found.extend(open.take()),
            LineKind::Header => found.extend(open.replace(OpenMessage::at(file, start, end))),
            LineKind::Other => match &mut open {
                Some(open) => open.end = end,
                None => open = Some(OpenMessage::at(file, start, end)),
            },
        }
        start = end + 1;
    }
    found.extend(open);
    found.into_iter().filter_map(|one| file.get(one.start..one.end)).collect()
}

/// A message whose end is not known yet.
struct OpenMessage {
    start: usize,
    end: usize,
    /// Whether its first line ends with a carriage return, alone or with a line feed.
    carriage_returns: bool,
}

impl OpenMessage {
    fn at(file: &[u8], start: usize, end: usize) -> Self {
        let carriage_returns = match file.get(end) {
            Some(b'\r') => true,
            Some(b'\n') => file.get(end + 1) == Some(&b'\r'),
            _ => false,
        };
        Self { start, end, carriage_returns }
    }
}

/// Whether a lone line feed after text precedes `start`, so that the line may be inside a field.
fn after_line_feed(file: &[u8], start: usize) -> bool {
    let before = |back: usize| start.checked_sub(back).and_then(|at| file.get(at));
    before(1) == Some(&b'\n') && !matches!(before(2), None | Some(b'\r' | b'\n' | 0x1C))
}

enum LineKind {
    Blank,
    Header,
    /// A header or trailer of a file or batch.
    Envelope,
    Other,
}

impl LineKind {
    /// `in_text`: the line may be inside a field.
    fn of(line: &[u8], in_text: bool) -> Self {
        if line.trim_ascii().is_empty() {
            return Self::Blank;
        }
        let separator = line.get(3);
        let named = separator.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let next = line.get(4);
        let encoding = next.is_some_and(|byte| byte.is_ascii_punctuation() && Some(byte) != separator);
        let count = next.is_some_and(u8::is_ascii_digit);
        match line.get(..3) {
            Some(b"MSH") if named && !in_text => Self::Header,
            Some(b"FHS" | b"BHS") if named && (encoding || !in_text) => Self::Envelope,
            Some(b"BTS" | b"FTS") if named && (count || !in_text) => Self::Envelope,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_batch_is_split_into_its_messages() {
        let batch = b"FHS|^~\\&|F\rBHS|^~\\&|B\rMSH|^~\\&|A\rPID|1\r\rMSH|^~\\&|B\nPID|2\nBTS|2\rFTS|1\r";
        let found: Vec<&str> = split_messages(batch).into_iter().map(|one| std::str::from_utf8(one).unwrap()).collect();
        assert_eq!(found, ["MSH|^~\\&|A\rPID|1", "MSH|^~\\&|B\nPID|2"]);
    }

    #[test]
    fn frames_in_a_file_are_removed() {
        assert_eq!(split_messages(b"\x0BMSH|^~\\&|A\x1C\r\n\x0BMSH|^~\\&|B\x1C\r"), [b"MSH|^~\\&|A", b"MSH|^~\\&|B"]);
    }

    #[test]
    fn a_line_inside_a_field_does_not_begin_a_message() {
        let one = b"MSH|^~\\&|A\rOBX|1|TX|t||Raised:\nMSH||||||F\rNTE|1||see\nBTS|\r";
        assert_eq!(split_messages(one), [&one[..one.len() - 1]]);
        let two = b"MSH|^~\\&|A\rPID|1\n\nMSH|^~\\&|B\rPID|2\nBTS|2\n";
        assert_eq!(split_messages(two), [&b"MSH|^~\\&|A\rPID|1"[..], b"MSH|^~\\&|B\rPID|2"]);
    }

    #[test]
    fn text_without_a_header_is_returned_once() {
        assert_eq!(split_messages(b"hello\nworld"), [b"hello\nworld"]);
        assert!(split_messages(b"\r\n \r").is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(file in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = split_messages(&file);
        }
    }
}
