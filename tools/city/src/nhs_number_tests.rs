//! Tests of `nhs_number.rs`.

use super::*;
use std::collections::HashSet;

#[test]
fn the_check_digit_is_that_of_published_numbers() {
    assert_eq!(with_check_digit(943_476_591), Some(9_434_765_919));
    assert_eq!(with_check_digit(999_000_001), Some(9_990_000_018));
    assert_eq!(with_check_digit(987_654_321), Some(9_876_543_210));
    assert_eq!(with_check_digit(999_000_000), None);
    assert_eq!(with_check_digit(999_000_014), None);
}

#[test]
fn a_hundred_thousand_numbers_are_valid_unique_and_invertible() {
    let numbers = NhsNumbers::new(20_261_121);
    let mut seen = HashSet::new();
    for index in 0..100_000 {
        let number = numbers.of(index);
        assert_eq!(with_check_digit(number / 10), Some(number), "check digit of {number}");
        assert!(number >= 9_500_000_000 && seen.insert(number), "{number} is used twice");
        assert_eq!(numbers.index_of(number), Some(index));
    }
}
