//! Counts are of what is shown, in the words of the page.

use jiff::civil::date;
use lcr_contracts::{
    spell::{PatientSaid, Reside},
    ward::{Cell, Expected, Who},
};
use lcr_model::{SourceId, SpellId};

use super::{super::since::Versions, *};

fn now() -> Timestamp {
    "2026-11-21T14:05:02Z".parse().unwrap()
}

fn stay(spell: &str, shelf: Shelf, leaves: i8, meets: bool) -> InpatientRow {
    let cell = |value| Some(Cell { value, at: now() });
    InpatientRow {
        spell: SpellId::new(spell),
        version: 2,
        who: Who { person: None, said: PatientSaid::default(), location_protected: false },
        hospital: "St Hilda's".into(),
        source: SourceId::new("st-hildas"),
        shelf,
        on_leave: false,
        place: None,
        consultant: None,
        specialty: None,
        admitted: None,
        days: 0,
        expected_stay: None,
        expected_discharge: cell(Expected { date: date(2026, 11, leaves), was: None, passed_days: 0 }),
        reside: Some(Cell { value: Reside { meets, code: None, since: None }, at: now() }),
        needed: None,
        plan: None,
        pathway: None,
        going_to: None,
        transfer: None,
        further: vec![],
        last_told: now(),
        watched: false,
        disagreements: vec![],
        warnings: vec![],
        hidden: vec![],
    }
}

fn list(rows: Vec<InpatientRow>, unmatched: u32) -> Inpatients {
    Inpatients { as_of: now(), rows, unmatched, hospitals: vec![] }
}

fn since(seen: &[(&str, i64)]) -> Since {
    let versions: Versions = seen.iter().map(|(id, version)| (SpellId::new(*id), *version)).collect();
    Since::Looked { at: now(), versions }
}

#[test]
fn the_line_is_in_the_words_of_the_page() {
    let rows = vec![
        stay("a", Shelf::Main, 21, false),
        stay("b", Shelf::Main, 24, false),
        stay("c", Shelf::Main, 24, true),
        stay("d", Shelf::DayCase, 24, true),
    ];
    let said = inpatients(&list(rows, 1), &since(&[("a", 2), ("b", 1)]), now());
    assert_eq!(
        said.join(" · "),
        "3 shown as in-patients · 2 new since you looked · 1 changed since you looked · 1 expected to leave today · 2 \
         no longer need a hospital bed, still here · 1 recent admission not yet matched to a person"
    );
}

#[test]
fn one_and_none_read_as_they_should() {
    let said = inpatients(&list(vec![stay("a", Shelf::Main, 24, false)], 0), &since(&[("a", 2)]), now());
    assert_eq!(
        said.join(" · "),
        "1 shown as in-patients · 0 new since you looked · 0 expected to leave today · 1 no longer needs a hospital \
         bed, still here · 0 recent admissions not yet matched to a person"
    );
}

#[test]
fn what_is_hidden_is_not_counted_as_no() {
    let hidden =
        InpatientRow { reside: None, hidden: vec!["reside".into()], ..stay("a", Shelf::Main, 24, false) };
    let said = inpatients(&list(vec![hidden], 0), &since(&[]), now()).join(" · ");
    assert!(said.contains("whether they still need a hospital bed is not open to your role"));
}

#[test]
fn home_says_it_in_short() {
    let rows = vec![stay("a", Shelf::Main, 21, false), stay("b", Shelf::CommunityBed, 24, true)];
    assert_eq!(
        in_short(&list(rows, 0), now()),
        "1 patient of yours is shown as an in-patient, and 1 as day cases, at home or in community beds. Since yesterday: \
         0 new, 2 changed."
    );
}

#[test]
fn somebody_not_heard_of_is_not_counted_as_in_hospital() {
    let rows = vec![stay("a", Shelf::Main, 24, true), stay("b", Shelf::NotHeardOf, 21, false)];
    let said = inpatients(&list(rows.clone(), 0), &since(&[("a", 2), ("b", 2)]), now()).join(" · ");
    assert!(said.starts_with("1 shown as in-patients"), "{said}");
    assert!(
        said.contains("1 not heard of for longer than usual · 0 expected to leave today · 0 no longer"),
        "{said}"
    );
    let short = in_short(&list(rows, 0), now());
    assert!(
        short.contains("an in-patient. The hospital has sent nothing about 1 more for longer than usual.")
    );
}
