//! Tests of `query.rs`.

use super::*;

fn list(query: &str) -> Result<Option<ListOf>, Failure> {
    axum::extract::Query::<ListQuery>::try_from_uri(&format!("/ward?{query}").parse().unwrap()).unwrap().0.list()
}

#[test]
fn a_query_names_at_most_one_list() {
    assert_eq!(list("").unwrap(), None);
    assert_eq!(list("ward=&consultant=+").unwrap(), None, "an empty form names nothing");
    assert_eq!(list("practice=b86000").unwrap(), Some(ListOf::Practice(OdsCode::new("B86000"))));
    assert_eq!(list("ward=+J27+").unwrap(), Some(ListOf::Ward("J27".into())));
    assert_eq!(list("watched=true&show=new").unwrap(), Some(ListOf::Watched));
    assert_eq!(list("specialty=Cardiology").unwrap(), Some(ListOf::Specialty("Cardiology".into())));
    assert_eq!(list("emergency=true").unwrap(), Some(ListOf::Emergency));
    for bad in [
        "practice=B86000&ward=J27",
        "practice=B86000&watched=true",
        "practice=B8",
        "team=B86%20000",
        &format!("ward={}", "x".repeat(101)),
    ] {
        let failure = list(bad).unwrap_err();
        assert!(!failure.outward().contains("J27") && !failure.outward().contains("xxx"), "{bad}");
    }
}

#[test]
fn the_query_overrides_the_readers_settings() {
    let options = |query: &str| {
        let uri = format!("/ward?{query}").parse().unwrap();
        let filters = vec![("show".to_owned(), "ready".to_owned()), ("gone".to_owned(), "1".to_owned())];
        let settings =
            ListSettings { order: Some("plan".into()), descending: true, filters, ..ListSettings::default() };
        axum::extract::Query::<ListQuery>::try_from_uri(&uri).unwrap().0.options(&settings)
    };
    let opened = options("practice=B86000");
    assert_eq!(
        (opened.status, opened.order.column.as_str(), opened.order.descending),
        (StatusFilter::Ready, "plan", true)
    );
    assert_eq!(options("practice=B86000&show=all").status, StatusFilter::All);
    let filtered = options("f-risk=high&f-other=&sort=ward");
    assert_eq!(
        (filtered.status, filtered.order),
        (StatusFilter::All, Order::ascending("ward")),
        "filters of the query replace the saved ones"
    );
    assert_eq!(filtered.further, BTreeMap::from([("risk".to_owned(), "high".to_owned())]));
    assert_eq!(options("sort=usual").order, Order::default());
}
