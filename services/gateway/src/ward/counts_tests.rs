//! Tests of the counts, as the page words them.

use jiff::civil::date;
use lcr_contracts::{
    spell::{PatientDetails, Reside},
    ward::{Cell, ExpectedDischarge, RowPatient},
};
use lcr_model::{SourceId, SpellId};

use super::*;
use crate::ward::change_mark::StayVersions;

fn now() -> Timestamp {
    "2026-11-21T14:05:02Z".parse().unwrap()
}

fn stay(spell: &str, shelf: ListCategory, leaves: i8, meets: bool) -> InpatientRow {
    let cell = |value| Some(Cell { value, at: now() });
    InpatientRow {
        spell: SpellId::new(spell),
        version: 2,
        who: RowPatient { person: None, patient: PatientDetails::default(), location_protected: false },
        hospital: "St Hilda's".into(),
        source: SourceId::new("st-hildas"),
        category: shelf,
        on_leave: false,
        place: None,
        consultant: None,
        specialty: None,
        admitted: None,
        days: 0,
        expected_stay: None,
        expected_discharge: cell(ExpectedDischarge { date: date(2026, 11, leaves), was: None, passed_days: 0 }),
        reside: Some(Cell { value: Reside { meets, code: None, since: None }, at: now() }),
        needed: None,
        plan: None,
        pathway: None,
        going_to: None,
        transfer: None,
        further: vec![],
        last_message_at: now(),
        watched: false,
        disagreements: vec![],
        warnings: vec![],
        hidden: vec![],
    }
}

fn list(rows: Vec<InpatientRow>, unmatched: u32) -> Inpatients {
    Inpatients { as_of: now(), rows, unmatched, hospitals: vec![] }
}

fn baseline(seen: &[(&str, i64)]) -> Baseline {
    let versions: StayVersions = seen.iter().map(|(id, version)| (SpellId::new(*id), *version)).collect();
    Baseline::LastView { at: now(), versions }
}

#[test]
fn the_line_reads_as_on_the_page() {
    let rows = vec![
        stay("a", ListCategory::Main, 21, false),
        stay("b", ListCategory::Main, 24, false),
        stay("c", ListCategory::Main, 24, true),
        stay("d", ListCategory::DayCase, 24, true),
    ];
    let text = inpatient_counts(&list(rows, 1), &baseline(&[("a", 2), ("b", 1)]), now());
    assert_eq!(
        text.join(" · "),
        "3 shown as in-patients · 2 new since you looked · 1 changed since you looked · 1 expected to leave today · 2 \
         no longer need a hospital bed, still here · 1 recent admission not yet matched to a person"
    );
}

#[test]
fn zero_and_one_are_worded_correctly() {
    let text =
        inpatient_counts(&list(vec![stay("a", ListCategory::Main, 24, false)], 0), &baseline(&[("a", 2)]), now());
    assert_eq!(
        text.join(" · "),
        "1 shown as in-patients · 0 new since you looked · 0 expected to leave today · 1 no longer needs a hospital \
         bed, still here · 0 recent admissions not yet matched to a person"
    );
}

#[test]
fn a_hidden_field_is_not_counted_as_no() {
    let hidden =
        InpatientRow { reside: None, hidden: vec!["reside".into()], ..stay("a", ListCategory::Main, 24, false) };
    let text = inpatient_counts(&list(vec![hidden], 0), &baseline(&[]), now()).join(" · ");
    assert!(text.contains("whether they still need a hospital bed is not open to your role"));
}

#[test]
fn the_home_page_counts_people_in_hospital() {
    let counts = Counts {
        in_patients: 1,
        elsewhere: 1,
        not_heard_of: 1,
        admitted_since_yesterday: Some(2),
        emergency: 3,
        ..Counts::default()
    };
    assert_eq!(
        home_summary(&counts, false),
        "1 patient of yours is shown as an in-patient, and 1 as day cases, at home or in community beds. The hospital has \
         sent nothing about 1 more for longer than usual. Since yesterday: 2 admitted. Expected to leave today: 0."
    );
    let many = Counts { in_patients: 2000, at_least: true, ..Counts::default() };
    assert_eq!(
        home_summary(&many, true),
        "At least 2000 in-patients at your hospital. 0 in the emergency department. Expected to leave today: 0. Not all \
         could be counted: each number may be higher."
    );
    let hospital = home_summary(&Counts { admitted_since_yesterday: None, not_heard_of: 0, ..counts }, true);
    assert_eq!(
        hospital,
        "1 in-patient at your hospital, and 1 as day cases, at home or in community beds. 3 in the emergency department. \
         Expected to leave today: 0."
    );
}

#[test]
fn a_silent_stay_is_not_counted_as_in_hospital() {
    let rows = vec![stay("a", ListCategory::Main, 24, true), stay("b", ListCategory::NotHeardOf, 21, false)];
    let text = inpatient_counts(&list(rows, 0), &baseline(&[("a", 2), ("b", 2)]), now()).join(" · ");
    assert!(text.starts_with("1 shown as in-patients"), "{text}");
    assert!(text.contains("1 not heard of for longer than usual · 0 expected to leave today · 0 no longer"), "{text}");
}
