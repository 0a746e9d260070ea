//! The messages of a file: one, many, or a batch (`FHS`, `BHS`, `MSH`…), with any line ends, framed or not. Works
//! on bytes: each message has a character set of its own.

/// Each message, from its `MSH` to its last segment. What comes before the first `MSH` is a message too, which
/// nobody will be able to read: it was sent, and is answered.
pub fn messages(file: &[u8]) -> Vec<&[u8]> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut spans: Vec<(usize, usize)> = vec![];
    let mut open: Option<(usize, usize)> = None;
    let mut start = 0;
    for end in 0..=file.len() {
        let ends = file.get(end).is_none_or(|byte| matches!(byte, b'\r' | b'\n' | 0x0B | 0x1C));
        if !ends {
            continue;
        }
        let line = file.get(start..end).unwrap_or_default();
        match Kind::of(line) {
            Kind::Blank => {}
            Kind::Envelope => spans.extend(open.take()),
            Kind::Header => spans.extend(open.replace((start, end))),
            Kind::Other => open = Some((open.map_or(start, |(from, _)| from), end)),
        }
        start = end + 1;
    }
    spans.extend(open);
    spans.into_iter().filter_map(|(from, to)| file.get(from..to)).collect()
}

enum Kind {
    Blank,
    Header,
    Envelope,
    Other,
}

impl Kind {
    fn of(line: &[u8]) -> Self {
        if line.trim_ascii().is_empty() {
            return Self::Blank;
        }
        let named = line.get(3).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        match line.get(..3) {
            Some(b"MSH") if named => Self::Header,
            Some(b"FHS" | b"BHS" | b"BTS" | b"FTS") if named => Self::Envelope,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_batch_is_its_messages() {
        let batch = b"FHS|^~\\&|F\rBHS|^~\\&|B\rMSH|^~\\&|A\rPID|1\r\rMSH|^~\\&|B\nPID|2\nBTS|2\rFTS|1\r";
        let found: Vec<&str> =
            messages(batch).into_iter().map(|one| std::str::from_utf8(one).unwrap()).collect();
        assert_eq!(found, ["MSH|^~\\&|A\rPID|1", "MSH|^~\\&|B\nPID|2"]);
    }

    #[test]
    fn frames_in_a_file_are_taken_off() {
        assert_eq!(
            messages(b"\x0BMSH|^~\\&|A\x1C\r\n\x0BMSH|^~\\&|B\x1C\r"),
            [b"MSH|^~\\&|A", b"MSH|^~\\&|B"]
        );
    }

    #[test]
    fn what_is_no_message_is_still_one_thing_to_answer() {
        assert_eq!(messages(b"hello\nworld"), [b"hello\nworld"]);
        assert!(messages(b"\r\n \r").is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(file in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = messages(&file);
        }
    }
}
