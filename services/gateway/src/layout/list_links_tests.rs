//! Tests of `list_links.rs`.

use super::*;

#[test]
fn every_entry_is_on_exactly_one_page() {
    for total in [0_usize, 1, 49, 50, 51, 214] {
        let pages = total.max(1).div_ceil(50);
        let all: Vec<usize> =
            (1..=pages).flat_map(|number| page_of(total, 50, number, ("", ""), |_| String::new()).0).collect();
        assert_eq!(all, (0..total).collect::<Vec<_>>());
    }
}

#[test]
fn a_page_says_where_it_is_and_a_page_past_the_end_is_the_last() {
    let (range, paging) = page_of(214, 50, 9, ("Newer", "Older"), |page| format!("?page={page}"));
    let paging = paging.unwrap();
    assert_eq!((range, paging.words.as_str()), (200..214, "201 to 214 of 214"));
    assert_eq!((paging.before.unwrap().href.as_str(), paging.after), ("?page=4", None));
    assert_eq!(page_of(50, 50, 1, ("", ""), |_| String::new()).1, None);
}
