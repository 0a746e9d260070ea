//! Tests of `row_version.rs`.

use super::*;

fn rows(all: &[(&str, i64, usize)]) -> RowVersions {
    let ids: Vec<SpellId> = all.iter().map(|(id, _, _)| SpellId::new(*id)).collect();
    RowVersions::from_parts(ids.iter().zip(all).map(|(id, (_, version, hidden))| (id, *version, *hidden)))
}

#[test]
fn a_page_learns_how_its_rows_changed() {
    let page = rows(&[("a", 1, 0), ("b", 1, 0)]).encode();
    let difference = |all| rows(all).compare(&page);
    assert_eq!(difference(&[("b", 1, 0), ("a", 1, 0)]), Difference::None);
    assert_eq!(difference(&[("a", 2, 0), ("b", 1, 0), ("c", 1, 0)]), Difference::Changed(2));
    assert_eq!(difference(&[("a", 1, 0)]), Difference::Reduced, "a row is gone");
    assert_eq!(difference(&[("a", 1, 0), ("b", 1, 3)]), Difference::Reduced, "a row shows less");
}

#[test]
fn an_unreadable_text_closes_the_page() {
    let now = rows(&[("a", 1, 0)]);
    for encoded in ["x", "zzzzzzzzzzzzzzzz", "é", "*00000000", &"0".repeat(ROW_DIGITS * (MAX_ROWS + 1))] {
        assert_eq!(now.compare(encoded), Difference::Reduced, "{encoded}");
    }
    assert_eq!(rows(&[]).compare(""), Difference::None, "an empty list");
    assert_eq!(now.compare(""), Difference::Changed(1), "one more than none");
}

#[test]
fn a_very_long_list_is_one_hash() {
    let ids: Vec<String> = (0..=MAX_ROWS).map(|number| number.to_string()).collect();
    let all: Vec<(&str, i64, usize)> = ids.iter().map(|id| (id.as_str(), 1, 0)).collect();
    let long = rows(&all);
    assert_eq!(long.encode().len(), 9);
    assert_eq!(long.compare(&long.encode()), Difference::None);
    assert_eq!(rows(&all[1..]).compare(&long.encode()), Difference::Reduced);
}
