//! Tests of `settings_form.rs`.

use super::*;

fn form(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn columns_are_saved_in_the_order_of_their_positions() {
    let sent = form(&[("col-plan", "1"), ("col-ward", "2"), ("col-bed", ""), ("order", "plan")]);
    let settings = read_settings(&sent, &ListSettings::default());
    assert_eq!(settings.columns, ["plan", "ward"]);
    assert_eq!((settings.order.as_deref(), settings.descending), (Some("plan"), false));
}

#[test]
fn a_column_of_a_hospital_without_rows_is_kept() {
    let before = ListSettings { columns: vec!["further-news".into()], ..ListSettings::default() };
    assert_eq!(read_settings(&form(&[("col-plan", "1")]), &before).columns, ["plan", "further-news"]);
    let sent = form(&[("col-plan", "1"), ("col-further-news", "")]);
    assert_eq!(read_settings(&sent, &before).columns, ["plan"], "removed by its own field");
}

#[test]
fn current_filters_are_saved_only_on_request() {
    let filter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let before = ListSettings { filters: vec![filter("show", "new")], ..ListSettings::default() };
    let sent = |how: &str| form(&[("filters", how), ("now-show", "ready"), ("now-f-risk", "high")]);
    assert_eq!(read_settings(&sent("now"), &before).filters, [filter("f-risk", "high"), filter("show", "ready")]);
    assert_eq!(read_settings(&sent("kept"), &before).filters, before.filters);
    assert!(read_settings(&sent("none"), &before).filters.is_empty());
}
