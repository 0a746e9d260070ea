//! Tests of further fields: their columns, missing values, and sorting by kind.

use lcr_contracts::{
    spell::PatientDetails,
    ward::{Cell as DatedValue, ListCategory, RowPatient},
};
use lcr_model::{SourceId, SpellId};

use super::*;
use crate::ward::columns::Order;

fn field(key: &str, label: &str, kind: FurtherKind, value: Option<&str>) -> Further {
    let value = value.map(|value| DatedValue { value: value.to_owned(), at: jiff::Timestamp::UNIX_EPOCH });
    Further { key: key.into(), label: label.into(), kind, filter: true, value }
}

fn row(further: Vec<Further>, hidden: &[&str]) -> InpatientRow {
    InpatientRow {
        spell: SpellId::new("a"),
        version: 1,
        who: RowPatient { person: None, patient: PatientDetails::default(), location_protected: false },
        hospital: "St Hilda's".into(),
        source: SourceId::new("st-hildas"),
        category: ListCategory::Main,
        on_leave: false,
        place: None,
        consultant: None,
        specialty: None,
        admitted: None,
        days: 0,
        expected_stay: None,
        expected_discharge: None,
        reside: None,
        needed: None,
        plan: None,
        pathway: None,
        going_to: None,
        transfer: None,
        further,
        last_message_at: jiff::Timestamp::UNIX_EPOCH,
        watched: false,
        disagreements: vec![],
        warnings: vec![],
        hidden: hidden.iter().map(|one| (*one).to_owned()).collect(),
    }
}

fn text_and_title(row: &InpatientRow, column: &Column) -> (String, String) {
    let row_context = RowContext { hospital: &row.hospital, hidden: &row.hidden, protected: false };
    let cell = cell(column, row, &row_context);
    (cell.text().join(" "), cell.title.unwrap_or_default())
}

#[test]
fn a_cell_names_its_source_or_says_that_it_was_not_sent() {
    let rows = [
        row(vec![field("risk", "Falls risk", FurtherKind::Date, Some("2026-11-20"))], &[]),
        row(vec![field("risk", "Falls risk", FurtherKind::Date, None)], &[]),
        row(vec![], &[]),
        row(vec![], &["further"]),
    ];
    let columns = columns(&rows);
    assert_eq!(columns.len(), 1);
    assert_eq!(text_and_title(&rows[0], &columns[0]).0, "20-Nov-2026");
    assert!(text_and_title(&rows[0], &columns[0]).1.starts_with("St Hilda's, 01-Jan-1970"));
    assert_eq!(text_and_title(&rows[1], &columns[0]).0, NOT_SENT);
    assert_eq!(text_and_title(&rows[2], &columns[0]).0, NOT_SENT, "another hospital's field");
    assert_eq!(text_and_title(&rows[3], &columns[0]).0, crate::ward::row_context::NOT_OPEN_TO_ROLE);
}

#[test]
fn one_key_with_two_labels_makes_two_columns() {
    let rows = [
        row(vec![field("score", "NEWS2", FurtherKind::Number, Some("3"))], &[]),
        row(vec![field("score", "Frailty score", FurtherKind::Number, Some("6"))], &[]),
    ];
    let columns = columns(&rows);
    let words: Vec<&str> = columns.iter().map(|one| one.heading.as_ref()).collect();
    assert_eq!(words, ["NEWS2", "Frailty score"]);
    assert_eq!(text_and_title(&rows[1], &columns[0]).0, NOT_SENT, "never under the other's heading");
}

#[test]
fn numbers_are_sorted_by_size_and_days_by_the_calendar() {
    let order = Order::default();
    let less = |kind, a: &str, b: &str| {
        let rows = [a, b].map(|value| row(vec![field("x", "X", kind, Some(value))], &[]));
        let column = &columns(&rows)[0];
        order.compare(&sort_key(column, &rows[0]), &sort_key(column, &rows[1])).is_lt()
    };
    assert!(less(FurtherKind::Number, "9", "10.5"));
    assert!(less(FurtherKind::Date, "2026-11-30", "01-Dec-2026"));
    assert!(less(FurtherKind::Text, "bay 2", "Bay 10"));
}

#[test]
fn a_filter_offers_only_visible_values() {
    let rows = [
        row(vec![field("risk", "Falls risk", FurtherKind::Code, Some("high"))], &[]),
        row(vec![field("risk", "Falls risk", FurtherKind::Code, Some("secret"))], &["further"]),
    ];
    let chosen = BTreeMap::from([("risk".to_owned(), "high".to_owned())]);
    let filters = field_filters(&rows, &chosen);
    assert_eq!((filters[0].name.as_str(), filters[0].chosen.as_str()), ("f-risk", "high"));
    assert_eq!(filters[0].values, ["high"]);
    assert_eq!(rows.map(|row| matches(&row, &chosen)), [true, false]);
}
