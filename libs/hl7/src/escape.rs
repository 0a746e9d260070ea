//! What a value says once its escapes are read: the delimiters as text, bytes written in hexadecimal, line
//! breaks. What formats only is dropped; what we do not know stays as it was written.

use er7::{
    Separators,
    escape::{Escape, escapes},
};

use crate::Charset;

/// The text of `raw`. Of control characters line ends and tabs alone are left, each other one is a space: a NUL
/// is nothing a database takes, and to leave it out would make one identifier of two.
pub fn text(raw: &str, separators: &Separators, charset: Charset) -> String {
    let text = unescaped(raw, separators, charset);
    let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.contains(bad) { text.replace(bad, " ") } else { text }
}

fn unescaped(raw: &str, separators: &Separators, charset: Charset) -> String {
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
            // Back to ASCII or to Latin-1: what follows reads as it stands.
            Escape::Highlight | Escape::Normal | Escape::SingleByteCharacterSet("2842" | "2D41" | "2d41") => {
            }
            Escape::Formatting(command) => out.push_str(&layout(command)),
            Escape::Hex(digits) => match bytes(digits) {
                Some(bytes) => out.push_str(&wide(&bytes).unwrap_or_else(|| charset.read(&bytes))),
                None => token.write_er7(&mut out, separators),
            },
            _ => token.write_er7(&mut out, separators),
        }
    }
    out
}

/// Writes `text` so that `text` reads it back, whatever is in it.
pub fn escaped(text: &str, separators: &Separators) -> String {
    er7::escape::escape(text, separators).into_owned()
}

/// A formatting command of FT: what of it can be seen in plain text.
fn layout(command: &str) -> String {
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

fn bytes(digits: &str) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}

/// Bytes of `\X..\` as 16-bit characters, where that is what they must be: read byte by byte they would hold control
/// characters, or no character at all. `\X2264\` and `\X2265\` are at most and at least, not a quotation mark and a
/// letter, which nobody has to escape.
fn wide(bytes: &[u8]) -> Option<String> {
    let units: Vec<u16> =
        bytes.chunks_exact(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1])).collect();
    if bytes.is_empty() || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let odd = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    let symbol = |unit: &u16| matches!(unit, 0x20A0..=0x20BF | 0x2100..=0x22FF);
    let no_text = std::str::from_utf8(bytes).is_err() && units.iter().all(symbol);
    if !(bytes.iter().any(odd) || no_text || units.iter().all(|unit| matches!(unit, 0x2264 | 0x2265))) {
        return None;
    }
    let text = String::from_utf16(&units).ok()?;
    let good = |c: char| {
        matches!(c, '\t' | '\n' | '\r') || !(c.is_control() || matches!(c, '\u{e000}'..='\u{f8ff}'))
    };
    text.chars().all(good).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(raw: &str) -> String {
        text(raw, &Separators::default(), Charset::UTF_8)
    }

    #[test]
    fn escapes_become_what_they_stand_for() {
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
    fn a_switch_of_character_set_is_dropped_where_nothing_follows_from_it_and_else_shown() {
        assert_eq!(read(r"\C2842\one\C2D41\ two"), "one two");
        assert_eq!(read(r"\M2442\xyz\C2842\ end"), r"\M2442\xyz end");
        assert_eq!(read(r"\C2D47\xyz"), r"\C2D47\xyz");
    }

    #[test]
    fn a_control_character_is_a_space() {
        assert_eq!(read(r"47\X00\11"), "47 11");
        assert_eq!(read("47\u{0}11\u{7}\u{85}"), "47 11  ");
        assert_eq!(read(r"one\X0D0A\two\X09\three"), "one\r\ntwo\tthree");
    }

    proptest! {
        #[test]
        fn what_is_escaped_reads_back(written in ".*") {
            let seen: String = written.chars().map(|c| if c.is_control() && c != '\t' && c != '\r' { ' ' } else { c }).collect();
            prop_assert_eq!(read(&escaped(&written, &Separators::default())), seen);
        }

        #[test]
        fn no_control_character_comes_out_but_line_ends_and_tabs(bytes in proptest::collection::vec(any::<u8>(), 0..20), plain in ".*") {
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
