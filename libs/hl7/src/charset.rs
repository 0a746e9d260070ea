//! Finds the character set of a message: UTF-8 if the bytes are valid UTF-8, else the declared set (MSH-18), else
//! Windows-1252. The declaration must never be trusted first, because many senders declare none or the wrong one.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The character set of a message. Its acknowledgement is written in the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

impl Charset {
    /// UTF-8, for text that we write without a message.
    pub const UTF_8: Self = Self(UTF_8);

    /// The text of `message` and its character set.
    pub fn decode(message: &[u8]) -> (String, Self) {
        if let Ok(text) = std::str::from_utf8(message) {
            return (text.to_owned(), Self::UTF_8);
        }
        let encoding = declared_encoding(message).unwrap_or(WINDOWS_1252);
        (encoding.decode_without_bom_handling(message).0.into_owned(), Self(encoding))
    }

    /// The text of bytes that a sender escaped as `\X..\`.
    pub(crate) fn decode_escaped(self, bytes: &[u8]) -> String {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) if self == Self::UTF_8 => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
            Err(_) => self.0.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }

    /// `text` in this set. A character that the set lacks becomes `?`.
    pub fn encode(self, text: &str) -> Vec<u8> {
        if self == Self::UTF_8 {
            return text.as_bytes().to_vec();
        }
        let encode_char = |c: char| {
            let mut buffer = [0; 4];
            let (bytes, _, lost) = self.0.encode(c.encode_utf8(&mut buffer));
            if lost { vec![b'?'] } else { bytes.into_owned() }
        };
        text.chars().flat_map(encode_char).collect()
    }
}

/// The set named in MSH-18, if it is a known one other than UTF-8.
fn declared_encoding(message: &[u8]) -> Option<&'static Encoding> {
    let line = message.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.is_empty())?;
    let separator = *line.get(3)?;
    let set = line.split(|byte| *byte == separator).nth(17)?;
    let set = std::str::from_utf8(set).ok()?.split(['~', '^']).next()?.trim().to_ascii_uppercase();
    let label = match set.strip_prefix("8859/") {
        // Senders use Windows characters that ISO 8859-1 lacks.
        Some("1") => "windows-1252".to_owned(),
        Some(part) => format!("iso-8859-{part}"),
        None => set,
    };
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != UTF_8 && encoding.is_ascii_compatible())
}

#[cfg(test)]
#[path = "charset_tests.rs"]
mod tests;
