//! Reads and writes HL7 escape sequences. Formatting is dropped; unknown sequences must stay as written, so that nothing
//! is lost.

use er7::{
    Separators,
    escape::{Escape, escapes},
};

use crate::Charset;

/// The text of `raw`. Control characters other than line ends and tabs become spaces: databases refuse NUL, and leaving
/// it out could make two identifiers equal.
pub fn unescape_text(raw: &str, separators: &Separators, charset: Charset) -> String {
    let text = decode_escapes(raw, separators, charset);
    let is_unsafe = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.contains(is_unsafe) { text.replace(is_unsafe, " ") } else { text }
}

fn decode_escapes(raw: &str, separators: &Separators, charset: Charset) -> String {
    if !raw.contains(separators.escape) {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    for token in escapes(raw, separators) {
        match token {
            Escape::Text(run) | Escape::Unterminated(run) => out.push_str(run),
            Escape::Field => out.push(separators.field),
            Escape::Component => out.push(separators.component),
            Escape::Repetition => out.push(separators.repetition),
            Escape::Subcomponent => out.push(separators.subcomponent),
            Escape::EscapeCharacter => out.push(separators.escape),
            // A switch to ASCII or Latin-1 does not change how the rest reads.
            Escape::Highlight | Escape::Normal | Escape::SingleByteCharacterSet("2842" | "2D41" | "2d41") => {}
            Escape::Formatting(command) => out.push_str(&format_command(command)),
            Escape::Hex(digits) => match parse_hex(digits) {
                Some(bytes) => {
                    out.push_str(&decode_utf16(&bytes).unwrap_or_else(|| charset.decode_escaped(&bytes)));
                }
                None => token.write_er7(&mut out, separators),
            },
            _ => token.write_er7(&mut out, separators),
        }
    }
    out
}

/// Escapes `text` so that `unescape_text` restores it.
pub fn escape_text(text: &str, separators: &Separators) -> String {
    er7::escape::escape(text, separators).into_owned()
}

/// The plain text of a formatting command of type FT.
fn format_command(command: &str) -> String {
    let mut words = command.split_whitespace();
    let name = words.next().unwrap_or_default();
    let (name, number) = match name.find(|c: char| c == '+' || c.is_ascii_digit()) {
        Some(at) => name.split_at(at),
        None => (name, words.next().unwrap_or("1")),
    };
    let times = number.trim_start_matches('+').parse::<usize>().unwrap_or(1).min(20);
    match name {
        "br" | "ce" => "\n".to_owned(),
        "sp" => "\n".repeat(times.max(1)),
        "sk" => " ".repeat(times),
        _ => String::new(),
    }
}

fn parse_hex(digits: &str) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

/// Decodes the bytes of `\X..\` as UTF-16, but only if single bytes would give control characters or invalid text.
/// `\X2264\` and `\X2265\` are always ≤ and ≥: their single bytes are plain characters that need no escape.
fn decode_utf16(bytes: &[u8]) -> Option<String> {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1])).collect();
    if bytes.is_empty() || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    let is_symbol = |unit: &u16| matches!(unit, 0x20A0..=0x20BF | 0x2100..=0x22FF);
    let is_invalid_text = std::str::from_utf8(bytes).is_err() && units.iter().all(is_symbol);
    if !(bytes.iter().any(is_control) || is_invalid_text || units.iter().all(|unit| matches!(unit, 0x2264 | 0x2265))) {
        return None;
    }
    let text = String::from_utf16(&units).ok()?;
    let is_printable =
        |c: char| matches!(c, '\t' | '\n' | '\r') || !(c.is_control() || matches!(c, '\u{e000}'..='\u{f8ff}'));
    text.chars().all(is_printable).then_some(text)
}

#[cfg(test)]
#[path = "escape_tests.rs"]
mod tests;
