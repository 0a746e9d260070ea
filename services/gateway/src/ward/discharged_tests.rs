//! Tests of the list of discharges: the days of the window, patients who died, and a letter that has not come.

use jiff::{Timestamp, ToSpan};
use lcr_contracts::{
    spell::PatientDetails,
    ward::{ListOf, ListSettings, RowPatient},
};
use lcr_model::{SourceId, SpellId};

use super::*;
use crate::ward::{change_mark::Baseline, filters::ListOptions, watch_button::WatchForm};

fn now() -> Timestamp {
    "2026-11-21T14:05:02Z".parse().unwrap()
}

fn left(spell: &str, day: u8) -> DischargedRow {
    DischargedRow {
        spell: SpellId::new(spell),
        version: 1,
        who: RowPatient { person: None, patient: PatientDetails::default(), location_protected: false },
        hospital: "St Hilda's".into(),
        source: SourceId::new("st-hildas"),
        left: (now() - (i64::from(day - 1) * 24).hours()).into(),
        day,
        place: None,
        specialty: None,
        to: None,
        stayed_days: 0,
        letter: None,
        pending_results: vec![],
        back: false,
        back_at: None,
        back_unplanned: None,
        watched: false,
        died: false,
        warnings: vec![],
        hidden: vec![],
    }
}

fn shown(rows: Vec<DischargedRow>) -> Vec<Table> {
    let list = Discharges { as_of: now(), days: 28, rows, hospitals: vec![] };
    let of = ListOf::Ward("J27".into());
    let (options, settings, form) = (ListOptions::default(), ListSettings::default(), WatchForm::default());
    let context = ListContext {
        of: &of,
        options: &options,
        baseline: &Baseline::Yesterday,
        settings: &settings,
        form,
        now: now(),
    };
    tables(&list, &context)
}

fn cell_text(table: &Table, row: usize, column: &str) -> String {
    let at = table.columns.iter().position(|one| *one == column).unwrap();
    table.rows[row].cells[at].text().join(" ")
}

#[test]
fn the_first_and_the_last_day_of_the_window_are_shown() {
    let table = &shown(vec![left("a", 1), left("b", 28)])[0];
    assert_eq!(cell_text(table, 0, "Day"), "day 1 of 28");
    assert_eq!(cell_text(table, 1, "Day"), "day 28 of 28");
    assert_eq!(cell_text(table, 0, "Stayed"), "left the same day");
}

#[test]
fn patients_who_died_are_in_a_table_at_the_end() {
    let tables = shown(vec![DischargedRow { died: true, ..left("dead", 2) }, left("living", 3)]);
    let captions: Vec<&str> = tables.iter().map(|table| table.caption.as_str()).collect();
    assert_eq!(captions, ["Left hospital (1)", "Died in hospital or since (1)"]);
    let columns: Vec<&str> = tables[1].columns.iter().map(AsRef::as_ref).collect();
    assert_eq!(columns, ["Patient", "Died", "Where", "Stayed", "Discharge letter", "Results awaited"]);
}

#[test]
fn a_missing_letter_and_a_hidden_letter_read_differently() {
    let hidden = ["letter", "pending_results", "back", "stayed_days"].map(Into::into).to_vec();
    let table = &shown(vec![left("a", 1), DischargedRow { hidden, ..left("b", 1) }])[0];
    assert_eq!(cell_text(table, 0, "Discharge letter"), NO_LETTER);
    assert_eq!(cell_text(table, 0, "Results awaited"), "none named at discharge");
    for column in ["Discharge letter", "Results awaited", "Back in hospital?", "Stayed"] {
        assert_eq!(cell_text(table, 1, column), NOT_OPEN_TO_ROLE, "{column}");
    }
}

#[test]
fn a_date_without_a_time_is_not_shown_as_midnight() {
    let row = DischargedRow {
        left: "2026-11-27".parse().unwrap(),
        back_at: Some("2026-11-27T19:00Z".parse().unwrap()),
        ..left("a", 1)
    };
    let planned = DischargedRow { back_unplanned: Some(false), ..row.clone() };
    let table = &shown(vec![planned, DischargedRow { back: true, back_unplanned: Some(true), ..row }])[0];
    assert_eq!(cell_text(table, 0, "Left"), "27-Nov-2026");
    assert_eq!(cell_text(table, 0, "Back in hospital?"), "Back in hospital since 27-Nov-2026 19:00, planned");
    assert_eq!(cell_text(table, 1, "Back in hospital?"), "Back in hospital since 27-Nov-2026 19:00, unplanned");
}
