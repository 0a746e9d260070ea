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
#[path = "split_tests.rs"]
mod tests;
