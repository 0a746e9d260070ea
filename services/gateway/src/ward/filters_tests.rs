//! Tests of `filters.rs`.

use lcr_model::SourceId;

use super::*;

#[test]
fn a_filter_link_keeps_the_other_choices() {
    let hospital = |name: &str| HospitalActivity {
        source: SourceId::new(name),
        hospital: name.to_uppercase(),
        last: None,
        not_yet_on: false,
    };
    let order = Order::ascending("ward");
    let options =
        ListOptions { status: StatusFilter::New, hospital: Some("wharfe".into()), order, ..ListOptions::default() };
    let hospitals = [hospital("hilda"), hospital("wharfe")];
    let links = filter_links("/ward?practice=B86000", &options, false, &hospitals, |_| false, |_| 3);
    let hrefs: Vec<&str> = links.iter().map(|link| link.href.as_str()).collect();
    assert_eq!(hrefs[0], "/ward?practice=B86000&hospital=wharfe&sort=ward");
    assert_eq!(hrefs[4], "/ward?practice=B86000&show=new&sort=ward");
    assert_eq!(hrefs[5], "/ward?practice=B86000&show=new&hospital=hilda&sort=ward");
    let current: Vec<&str> = links.iter().filter(|link| link.current).map(|link| link.label.as_str()).collect();
    assert_eq!(current, ["New or changed 3", "WHARFE 3"]);
}

#[test]
fn a_filter_on_a_hidden_field_is_not_offered() {
    let closed = |field: &str| field == "reside";
    let links = filter_links("/ward?team=T01", &ListOptions::default(), false, &[], closed, |_| 0);
    let words: Vec<&str> = links.iter().map(|link| link.label.as_str()).collect();
    assert_eq!(words, ["All 0", "Expected to leave today 0", "New or changed 0"]);
}

#[test]
fn saved_filters_and_order_can_be_turned_off() {
    let defaults = ListDefaults { has_filters: true, order: Order { column: "plan".into(), descending: true } };
    let opened =
        ListOptions { status: StatusFilter::Ready, order: defaults.order.clone(), defaults, ..ListOptions::default() };
    assert_eq!(opened.href("/ward?team=T01"), "/ward?team=T01&show=ready");
    assert_eq!(opened.with_filter(StatusFilter::All, None).href("/ward?team=T01"), "/ward?team=T01&show=all");
    let usual = ListOptions { order: Order::default(), ..opened };
    assert_eq!(usual.href("/ward?team=T01"), "/ward?team=T01&show=ready&sort=usual");
}

#[test]
fn an_unknown_filter_shows_everything() {
    assert_eq!(StatusFilter::parse("everything-else"), StatusFilter::All);
    assert_eq!(StatusFilter::parse("no-letter"), StatusFilter::NoLetter);
}
