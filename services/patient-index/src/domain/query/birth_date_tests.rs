//! Tests of `birth_date.rs`.

use super::*;

const TODAY: Date = date(2026, 11, 29);

#[test]
fn every_usual_form_of_a_date_is_read() {
    for text in [
        "14/7/45",
        "14/07/1945",
        "14-Jul-1945",
        "14 jul 1945",
        "14 July 1945",
        "14.7.1945",
        "14 7 45",
        "14071945",
        "19450714",
        "1945-07-14",
        "14jul1945",
        "14th of July 1945",
        "14-jul-45,",
    ] {
        assert_eq!(parse(text, TODAY), [date(1945, 7, 14)], "{text}");
    }
    assert_eq!(parse("3 Sept 60", TODAY), [date(1960, 9, 3)]);
}

#[test]
fn a_year_of_two_digits_is_of_the_past_and_may_be_two() {
    assert_eq!(parse("14/7/20", TODAY), [date(2020, 7, 14), date(1920, 7, 14)]);
    assert_eq!(parse("14/7/27", TODAY), [date(1927, 7, 14)]);
    assert_eq!(parse("30/11/26", TODAY), [date(1926, 11, 30)], "tomorrow is not a date of birth");
    assert_eq!(parse("1/1/05", TODAY), [date(2005, 1, 1)]);
}

#[test]
fn what_is_no_date_of_birth_is_not_read() {
    for text in ["", "14/7", "32/1/1945", "29/2/1945", "14/7/2045", "14/7/1745", "1/2/3/4", "Smith 14 7", "14/7/5"] {
        assert_eq!(parse(text, TODAY), [], "{text}");
    }
}
