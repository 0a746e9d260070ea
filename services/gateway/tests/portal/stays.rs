//! Invented stays: one in each category, a date that has passed, a disagreement, a protected location, a very long name, a
//! row with few open fields, and people who left.

#[path = "stays/delay_list.rs"]
mod delay_list;
#[path = "stays/departures.rs"]
mod departures;

pub use delay_list::delays;
pub use departures::discharged;
use jiff::civil::date;
use lcr_contracts::{
    registry::FurtherKind,
    spell::*,
    ward::{Cell, Disagreement, ExpectedDischarge, Further, HospitalActivity, InpatientRow, ListCategory, RowPatient},
};
use lcr_model::{PersonId, SourceId, SpellId};
use uuid::Uuid;

use crate::sample::{ALBERT, FREDERICA, FREDRICA, PROTECTED, at};

fn cell<T>(value: T, when: &str) -> Option<Cell<T>> {
    Some(Cell { value, at: at(when) })
}

pub fn who(person: PersonId, family: &str, given: &str, born: jiff::civil::Date, sex: &str) -> RowPatient {
    let said = PatientDetails {
        family: family.into(),
        given: given.into(),
        title: None,
        birth_date: Some(born),
        sex: sex.into(),
        nhs_number: Some("9434765919".into()),
        died: false,
    };
    RowPatient { person: Some(person), patient: said, location_protected: false }
}

fn place(ward: &str, bed: &str) -> Place {
    Place { site: Some("SH1".into()), ward: Some(ward.into()), bed: Some(bed.into()), ..Place::default() }
}

fn named(name: &str) -> CodedName {
    CodedName { code: None, name: name.into() }
}

/// A stay with only the person and the place.
pub fn bare(spell: &str, who: RowPatient) -> InpatientRow {
    InpatientRow {
        spell: SpellId::new(spell),
        version: 1,
        who,
        hospital: "St Hilda's Hospitals".into(),
        source: SourceId::new("st-hildas"),
        category: ListCategory::Main,
        on_leave: false,
        place: cell(place("J27", "4"), "2026-11-19T03:40:00Z"),
        consultant: None,
        specialty: None,
        admitted: cell(at("2026-11-19T03:20:00Z").into(), "2026-11-19T03:20:00Z"),
        days: 2,
        expected_stay: None,
        expected_discharge: None,
        reside: None,
        needed: None,
        plan: None,
        pathway: None,
        going_to: None,
        transfer: None,
        further: vec![],
        last_message_at: at("2026-11-21T11:05:00Z"),
        watched: false,
        disagreements: vec![],
        warnings: vec![],
        hidden: vec![],
    }
}

fn item(kind: PlanItemKind, text: &str, by: Option<&str>, since: Option<jiff::civil::Date>) -> PlanItem {
    PlanItem { key: text.into(), kind, text: text.into(), by: by.map(Into::into), since, done: false }
}

/// A stay with every field.
fn fredrica() -> InpatientRow {
    let lately = "2026-11-21T09:10:00Z";
    let items = vec![
        item(PlanItemKind::Needed, "Medicines to take home", None, None),
        item(PlanItemKind::Needed, "Discharge letter <draft>", None, None),
        item(PlanItemKind::Waiting, "Care package restart", Some("Adult Social Care"), Some(date(2026, 11, 20))),
    ];
    let mut who = who(FREDRICA, "Smith", "Fredrica", date(1945, 7, 14), "female");
    who.patient.title = Some("Mrs".into());
    InpatientRow {
        version: 7,
        consultant: cell(named("Dr T. Moss"), "2026-11-19T08:00:00Z"),
        specialty: cell(named("Cardiology"), "2026-11-19T08:00:00Z"),
        expected_stay: cell(5, "2026-11-19T08:00:00Z"),
        expected_discharge: cell(
            ExpectedDischarge { date: date(2026, 11, 19), was: Some(date(2026, 11, 18)), passed_days: 2 },
            "2026-11-19T10:00:00Z",
        ),
        reside: cell(Reside { meets: false, code: None, since: Some(date(2026, 11, 19)) }, lately),
        needed: cell(items, lately),
        plan: cell(PlanStatus::InProgress, lately),
        pathway: cell("P1".into(), lately),
        going_to: cell("Own home, with her daughter".into(), lately),
        transfer: cell("Aire Community Healthcare, 24-Nov-2026".into(), lately),
        disagreements: vec![Disagreement {
            words: "An update says ward J28, bed 2".into(),
            at: at("2026-11-20T14:05:00Z"),
        }],
        ..bare("fredrica", who)
    }
}

/// A stay whose place and everything that could reveal it are hidden.
fn protected() -> InpatientRow {
    let hidden = ["hospital", "source", "place", "consultant", "specialty", "shelf", "needed", "going_to", "transfer"];
    let mut who = who(PROTECTED, "Okafor", "Grace", date(1990, 9, 30), "female");
    who.location_protected = true;
    InpatientRow {
        hospital: String::new(),
        source: SourceId::new(""),
        place: None,
        reside: cell(Reside { meets: true, code: Some("02".into()), since: None }, "2026-11-21T08:00:00Z"),
        hidden: hidden.map(Into::into).to_vec(),
        ..bare("protected", who)
    }
}

pub fn inpatients() -> Vec<InpatientRow> {
    let long = who(
        ALBERT,
        "Ó Dómhnaill-Featherstonehaugh-Montgomery",
        "Albert Christopher Bartholomew",
        date(1938, 2, 3),
        "male",
    );
    let other = |number: u128| PersonId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0001_0000 + number));
    vec![
        InpatientRow {
            place: cell(place("J27", "12"), "2026-11-20T22:10:00Z"),
            admitted: cell(at("2026-11-20T21:55:00Z").into(), "2026-11-20T21:55:00Z"),
            days: 1,
            expected_discharge: cell(
                ExpectedDischarge { date: date(2026, 11, 21), was: None, passed_days: 0 },
                "2026-11-21T08:30:00Z",
            ),
            reside: cell(Reside { meets: true, code: None, since: None }, "2026-11-21T08:30:00Z"),
            plan: cell(PlanStatus::Ready, "2026-11-21T11:00:00Z"),
            warnings: vec!["The admission itself was not sent; worked out from a transfer.".into()],
            ..bare("frederica", who(FREDERICA, "Smith", "Frederica", date(1954, 7, 14), "female"))
        },
        fredrica(),
        protected(),
        InpatientRow { on_leave: true, ..bare("long", long) },
        InpatientRow {
            category: ListCategory::DayCase,
            days: 0,
            admitted: cell(at("2026-11-21T07:30:00Z").into(), "2026-11-21T07:30:00Z"),
            hospital: "Wharfe Valley Hospital".into(),
            source: SourceId::new("wharfe-valley"),
            ..bare("day", who(other(1), "Nowak", "Piotr", date(1971, 3, 2), "male"))
        },
        InpatientRow {
            category: ListCategory::HospitalAtHome,
            place: None,
            ..bare("home", who(other(2), "Hirst", "Doreen", date(1939, 12, 24), "female"))
        },
        InpatientRow {
            category: ListCategory::CommunityBed,
            hidden: ["consultant", "specialty", "admitted", "days", "plan", "needed"].map(Into::into).to_vec(),
            admitted: None,
            ..bare("community", who(other(3), "Begum", "Shazia", date(1962, 5, 9), "female"))
        },
    ]
}

/// A further field of the hospital.
pub fn further(key: &str, label: &str, kind: FurtherKind, value: Option<&str>) -> Further {
    let value = value.and_then(|value| cell(value.to_owned(), "2026-11-21T09:00:00Z"));
    Further { key: key.into(), label: label.into(), kind, filter: true, value }
}

pub fn hospitals() -> Vec<HospitalActivity> {
    let one = |source: &str, name: &str, when: &str| HospitalActivity {
        source: SourceId::new(source),
        hospital: name.into(),
        last: Some(at(when)),
        not_yet_on: false,
    };
    vec![
        one("st-hildas", "St Hilda's Hospitals", "2026-11-21T14:04:40Z"),
        one("wharfe-valley", "Wharfe Valley Hospital", "2026-11-21T13:25:00Z"),
    ]
}
