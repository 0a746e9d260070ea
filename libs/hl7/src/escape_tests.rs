//! Tests of `escape.rs`.

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
