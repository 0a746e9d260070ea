//! Tests of `place.rs`.

use super::*;

fn at(ward: &str, bed: Option<&str>) -> Place {
    Place { ward: Some(ward.into()), bed: bed.map(Into::into), ..Place::default() }
}

#[test]
fn a_ward_is_compatible_with_a_bed_on_it_but_not_the_same() {
    assert!(is_compatible(&at("J27", None), &at("j27 ", Some("4"))));
    assert!(!is_same(&at("J27", None), &at("J27", Some("4"))));
    assert!(!is_compatible(&at("J27", None), &at("J28", None)));
    assert_eq!(fill_gaps(&at("J27", None), &at("J27", Some("4"))), at("J27", Some("4")));
}

#[test]
fn a_ward_is_found_however_it_is_spelled() {
    for (stored, typed) in [("J27", "ward j27"), ("Ward 12", " 12 "), ("Ward 12", "ward  12"), ("J27", "j27")] {
        assert!(lookup_keys(typed).contains(&lookup_key(stored)), "{stored} as {typed}");
    }
}

#[test]
fn a_consultant_called_ward_is_no_ward() {
    assert!(consultant_keys(" ward  Smith").contains(&lookup_key("Ward Smith")));
    assert!(!consultant_keys("Ward Smith").contains(&lookup_key("Smith")));
    assert!(!consultant_keys("Smith").contains(&lookup_key("Ward Smith")));
}

#[test]
fn blank_parts_count_as_missing() {
    assert!(is_empty(&Place { ward: Some("  ".into()), ..Place::default() }));
    assert!(!is_empty(&at("J27", None)));
}
