//! Tests of `cookies.rs`.

use super::*;

#[test]
fn a_cookie_is_bound_to_its_host_and_hidden_from_scripts() {
    assert_eq!(set(SESSION_COOKIE, "x", None), "__Host-lcr=x; HttpOnly; SameSite=Lax; Secure; Path=/");
    assert!(clear(SESSION_COOKIE).ends_with("; Max-Age=0"));
}

#[test]
fn a_cookie_of_a_frame_is_bound_to_the_page_around_it() {
    let framed = CookieScope::Frame.set(FRAME_COOKIE, "x", None);
    assert_eq!(framed, "__Host-lcr-frame=x; HttpOnly; SameSite=None; Partitioned; Secure; Path=/");
}

#[test]
fn cookies_are_read_in_order_and_a_broken_one_is_left_out() {
    let mut headers = HeaderMap::new();
    headers.append(header::COOKIE, "b=1; broken; a=x=y".parse().unwrap());
    headers.append(header::COOKIE, "a=; c=2".parse().unwrap());
    let names: Vec<String> = read(&headers).map(|cookie| cookie.name().to_owned()).collect();
    assert_eq!(names, ["b", "a", "a", "c"]);
    assert_eq!(value_of(&headers, "a").as_deref(), Some("x=y"));
}
