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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(raw: &str) -> String {
        unescape_text(raw, &Separators::default(), Charset::UTF_8)
    }

    #[test]
    fn escapes_become_the_text_they_stand_for() {
        assert_eq!(read(r"5 \T\ 6 \F\\S\\R\\E\"), r"5 & 6 |^~\");
        assert_eq!(read(r"one\.br\two\.sp2\three\.in+4\"), "one\ntwo\n\nthree");
        assert_eq!(read(r"\H\loud\N\ \X41C3AB\ \XE9\"), "loud Aë é");
        assert_eq!(read(r"C:\new\file \XZZ\ end\"), r"C:\new\file \XZZ\ end\");
    }

    #[test]
    fn hexadecimal_is_bytes_or_16_bit_characters() {
        let cases = [
            (r"Zo\X00EB\", "Zoë"),
            (r"Zo\XEB\", "Zoë"),
            (r"Zo\XC3AB\", "Zoë"),
            (r"\X004100E9\", "Aé"),
            (r"\X20AC\ 5", "€ 5"),
            (r"\X2265\ 5", "≥ 5"),
            (r"one\X0D0A\two", "one\r\ntwo"),
            (r"one\X000D000A\two", "one\r\ntwo"),
            (r"\X03B1\-blocker", "α-blocker"),
            (r"\X2019\", "\u{2019}"),
            (r"\XE9E8\", "éè"),
            (r"\X4142\", "AB"),
            (r"\XD83DDE00\", "😀"),
        ];
        for (raw, expected) in cases {
            assert_eq!(read(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_switch_to_ascii_or_latin_1_is_dropped_and_any_other_stays() {
        assert_eq!(read(r"\C2842\one\C2D41\ two"), "one two");
        assert_eq!(read(r"\M2442\xyz\C2842\ end"), r"\M2442\xyz end");
        assert_eq!(read(r"\C2D47\xyz"), r"\C2D47\xyz");
    }

    #[test]
    fn a_control_character_becomes_a_space() {
        assert_eq!(read(r"47\X00\11"), "47 11");
        assert_eq!(read("47\u{0}11\u{7}\u{85}"), "47 11  ");
        assert_eq!(read(r"one\X0D0A\two\X09\three"), "one\r\ntwo\tthree");
    }

    proptest! {
        #[test]
        fn escaped_text_reads_back(written in ".*") {
            let expected: String = written.chars().map(|c| if c.is_control() && c != '\t' && c != '\r' { ' ' } else { c }).collect();
            prop_assert_eq!(read(&escape_text(&written, &Separators::default())), expected);
        }

        #[test]
        fn only_line_ends_and_tabs_are_left_of_control_characters(bytes in proptest::collection::vec(any::<u8>(), 0..20), plain in ".*") {
            let hex = bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat();
            let out = read(&format!(r"{plain}\X{hex}\"));
            prop_assert!(!out.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)));
        }

        #[test]
        fn no_text_makes_it_panic(raw in r"[\\XF.a-f0-9é+ ]*") {
            let _ = read(&raw);
        }
    }
}
