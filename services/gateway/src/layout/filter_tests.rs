//! Tests of the addresses that filter, sort and page a list.

use super::*;

#[test]
fn a_link_changes_one_field_keeps_the_others_and_starts_on_the_first_page() {
    let filter = Filter { source: "st-hildas".into(), sort: "name".into(), page: "3".into(), ..Filter::default() };
    assert_eq!(filter.href("/x", &[]), "/x?source=st-hildas&sort=name");
    assert_eq!(filter.href("/x", &[("source", ""), ("kind", "a b")]), "/x?kind=a%20b&sort=name");
    assert_eq!(filter.href("/x", &[("page", "4")]), "/x?source=st-hildas&sort=name&page=4");
    assert_eq!(Filter::default().href("/x", &[("page", "")]), "/x");
}

#[test]
fn a_page_that_is_no_number_is_the_first() {
    for (text, page) in [("", 1), ("0", 1), ("-2", 1), ("two", 1), ("2", 2)] {
        assert_eq!(Filter { page: text.into(), ..Filter::default() }.page_number(), page, "{text}");
    }
}
