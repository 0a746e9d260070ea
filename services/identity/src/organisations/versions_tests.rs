//! Tests of `versions.rs`.

use super::{testing::TWO, *};

#[test]
fn a_version_is_signed_from_its_date_on() {
    assert_eq!(TWO.current(date(2025, 1, 1)).id, "one", "the first version is always there");
    assert_eq!(TWO.current(date(2026, 5, 31)).id, "one");
    assert_eq!(TWO.current(date(2026, 6, 1)).id, "two");
}

#[test]
fn the_version_before_counts_for_90_days() {
    assert_eq!(TWO.last_day("one"), Some(date(2026, 8, 30)));
    assert_eq!(TWO.last_day("two"), None);
    assert!(TWO.counts("one", date(2026, 8, 30)) && !TWO.counts("one", date(2026, 8, 31)));
    assert!(TWO.counts("two", date(2099, 1, 1)) && !TWO.counts("three", date(2026, 1, 1)));
}

#[test]
fn published_versions_are_in_order_and_have_an_id_each() {
    let versions: Vec<&Version> = PUBLISHED.all().collect();
    assert!(versions.windows(2).all(|two| two[0].date < two[1].date && two[0].id != two[1].id));
}
