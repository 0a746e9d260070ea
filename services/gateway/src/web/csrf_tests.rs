//! Tests of `csrf.rs`.

use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

#[test]
fn only_our_own_origin_may_post() {
    let ours = "http://localhost:8080";
    assert!(is_same_origin(&headers(&[("origin", ours)]), ours));
    assert!(is_same_origin(&headers(&[("origin", "null"), ("sec-fetch-site", "same-origin")]), ours));
    assert!(!is_same_origin(&headers(&[("origin", "null"), ("sec-fetch-site", "cross-site")]), ours));
    assert!(!is_same_origin(&headers(&[("origin", "null")]), ours));
    assert!(!is_same_origin(&headers(&[("origin", "http://localhost:8090")]), ours));
    assert!(!is_same_origin(&headers(&[]), ours));
}

#[test]
fn tokens_are_compared_whole() {
    assert!(tokens_match(b"abc", b"abc"));
    assert!(!tokens_match(b"abc", b"abd") && !tokens_match(b"ab", b"abc") && !tokens_match(b"", b""));
}
