//! Tests of `nhs_number.rs`.

use super::*;
use proptest::prelude::*;

#[test]
fn the_worked_examples_of_the_standard_hold() {
    for valid in ["943 476 5919", "9876543210", "999-000-0018", "3333333333"] {
        assert!(NhsNumber::parse(valid).is_ok(), "{valid}");
    }
    assert_eq!(NhsNumber::parse("9991234567"), Err(NhsNumberError::CheckDigit));
    assert_eq!(NhsNumber::parse("999123"), Err(NhsNumberError::Length));
    assert_eq!(NhsNumber::parse("９９９００００１８"), Err(NhsNumberError::Length));
    assert!(NhsNumber::from_prefix(999_000_000).is_none());
}

#[test]
fn it_never_prints_itself() {
    let number = NhsNumber::parse("9434765919").unwrap();
    assert!(!format!("{number:?}").contains("943"));
    assert_eq!(number.spaced(), "943 476 5919");
}

proptest! {
    #[test]
    fn changing_any_one_digit_breaks_it(prefix in 900_000_000u32..999_999_999, at in 0usize..10, by in 1u8..10) {
        if let Some(number) = NhsNumber::from_prefix(prefix) {
            let mut digits = number.as_str().as_bytes().to_vec();
            digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
            prop_assert!(NhsNumber::parse(std::str::from_utf8(&digits).unwrap()).is_err());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*") {
        let _ = NhsNumber::parse(&text);
    }
}
