//! Tests of `row_context.rs`.

use super::*;
use crate::ward::columns::Order;

#[test]
fn beds_sort_by_number() {
    let at = |ward: &str, bed: &str| {
        let value = Place { ward: Some(ward.into()), bed: Some(bed.into()), ..Place::default() };
        DatedValue { value, at: Timestamp::UNIX_EPOCH }
    };
    let mut beds = [at("J28", "1"), at("J3", "2"), at("J27", "10"), at("J27", "2")];
    let order = Order::default();
    beds.sort_by(|a, b| order.compare(&place_sort_key(Some(a)), &place_sort_key(Some(b))));
    let places: Vec<_> = beds.iter().map(|bed| place_lines(&bed.value).unwrap().join("")).collect();
    assert_eq!(places, ["J3, bed 2", "J27, bed 2", "J27, bed 10", "J28, bed 1"]);
    assert!(order.compare(&place_sort_key(None), &place_sort_key(Some(&beds[3]))).is_gt(), "no place comes last");
}

#[test]
fn bays_and_sites_are_labelled_once() {
    let lines = |bay: &str, site: &str| {
        let some = |text: &str| Some(text.to_owned());
        let (ward, ward_name) = (some("J27"), None);
        place_lines(&Place { site: some(site), ward, bay: some(bay), bed: some("4"), ward_name }).unwrap()
    };
    assert_eq!(lines("B", "Z9H01A"), ["J27, bay B, bed 4", "site Z9H01A"]);
    assert_eq!(lines("Bay B", "St Hilda's General"), ["J27, Bay B, bed 4", "St Hilda's General"]);
    assert_eq!(place_lines(&Place { site: Some("SH1".into()), ..Place::default() }).unwrap()[0], "ward not sent");
    assert_eq!(place_lines(&Place::default()), None);
    let (ward, ward_name) = (Some("J27".into()), Some("Cardiology".into()));
    let named = Place { ward, ward_name, bed: Some("4".into()), ..Place::default() };
    assert_eq!(place_lines(&named).unwrap(), ["Cardiology, bed 4"], "a bed without a bay");
    assert_eq!(ward_code(&named), Some("J27"), "the title shows the code");
}

#[test]
fn a_missing_value_says_why() {
    let text = |hidden: &'static [&'static str], protected| {
        let hidden: Vec<String> = hidden.iter().map(|one| (*one).to_owned()).collect();
        let row = RowContext { hospital: "St Hilda's", hidden: &hidden, protected };
        row.field_cell::<String>("plan", None, |text| vec![text.clone()]).text().to_vec()
    };
    assert_eq!(text(&[], false), [NOT_SENT]);
    assert_eq!(text(&["plan"], false), [NOT_OPEN_TO_ROLE]);
    assert_eq!(text(&["plan"], true), [NOT_OPEN_TO_ROLE], "only the role hides it");
    assert_eq!(text(&["plan", "place"], true), [PROTECTED]);
}
