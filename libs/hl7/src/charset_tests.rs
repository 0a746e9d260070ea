//! Tests of `charset.rs`.

use super::*;

#[test]
fn without_a_declaration_the_set_is_utf_8_or_windows_1252() {
    assert_eq!(Charset::decode("MSH|^~\\&|Zoë".as_bytes()).0, "MSH|^~\\&|Zoë");
    let (text, set) = Charset::decode(b"MSH|^~\\&|Zo\xEB \x96 x");
    assert_eq!(text, "MSH|^~\\&|Zoë – x");
    assert_eq!(set.encode("Zoë Ω"), b"Zo\xEB ?");
}

#[test]
fn a_declared_set_counts_if_the_bytes_are_not_utf_8() {
    let head = format!("MSH|^~\\&|{}8859/15\rPID|", "|".repeat(15));
    let (text, _) = Charset::decode(&[head.as_bytes(), b"\xA4"].concat());
    assert!(text.ends_with('€'));
}
