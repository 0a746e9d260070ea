//! Tests of `quantity.rs`.

use super::*;

/// Value, comparator and original text.
fn read(text: &str) -> Option<(String, String, String)> {
    let made = quantity(text, &Unit::default())?;
    let show = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some((show(&made["value"]), show(&made["comparator"]), show(&made["_value"]["extension"][0]["valueString"])))
}

#[test]
fn numbers_keep_their_original_digits() {
    let cases = [
        ("4.0", "4.0", "", ""),
        ("7.40", "7.40", "", ""),
        ("0.010", "0.010", "", ""),
        ("-12", "-12", "", ""),
        ("6.02e23", "6.02e+23", "", "6.02e23"),
        ("12345678901234567890.10", "12345678901234567890.10", "", ""),
        ("<98.50", "98.50", "<", ""),
        ("> 100", "100", ">", ""),
        ("\u{2265}5", "5", ">=", ""),
        ("=<5", "5", "<=", ""),
        ("065.88", "65.88", "", "065.88"),
        ("007", "7", "", "007"),
        ("+5", "5", "", "+5"),
        (".5", "0.5", "", ".5"),
        ("5.", "5", "", "5."),
        ("-.5", "-0.5", "", "-.5"),
        ("0", "0", "", ""),
        ("00", "0", "", "00"),
        ("1,250", "", "", "1,250"),
        ("1 250", "", "", "1 250"),
        ("1.250.000", "", "", "1.250.000"),
        ("5-10", "", "", "5-10"),
        ("<05", "", "", "<05"),
        (">1,000", "", "", ">1,000"),
    ];
    for (text, value, sign, original) in cases {
        let expected = (value.to_owned(), sign.to_owned(), original.to_owned());
        assert_eq!(read(text), Some(expected), "{text}");
    }
}

#[test]
fn words_are_not_numbers() {
    for text in ["", "haemolysed", "2+ or more", "1:128", "120/80", "<", "-", "١٢"] {
        assert_eq!(read(text), None, "{text}");
    }
}
