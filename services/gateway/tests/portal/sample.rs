//! Invented people and record entries.

#[path = "sample/items.rs"]
mod items;

pub use items::{allergy, medicine};
use items::{diagnosis, document, other, results, stay, visit};
use jiff::{Timestamp, civil::date};
use lcr_contracts::{patient_index::PatientSummary, record::*};
use lcr_model::{Dataset, NhsNumber, PersonId, SourceId};
use uuid::Uuid;

pub const FREDRICA: PersonId = PersonId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
pub const FREDERICA: PersonId = PersonId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002));
/// Has died.
pub const ALBERT: PersonId = PersonId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003));
/// Location protected.
pub const PROTECTED: PersonId = PersonId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0004));
/// Objects while the page is open.
pub const CLOSING: PersonId = PersonId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0005));
pub const UNKNOWN_PERSON: PersonId = PersonId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0009));

pub fn now() -> Timestamp {
    "2026-11-21T14:05:02Z".parse().unwrap()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// (id, name, kind).
pub const SOURCES: [(&str, &str, &str); 5] = [
    ("beckside", "Beckside Surgery", "gp"),
    ("st-hildas", "St Hilda's Hospitals", "hospital"),
    ("community", "Leeds Community", "community"),
    ("adult-social", "Adult social care", "social-care"),
    ("childrens", "Children's social care", "social-care"),
];

pub fn people() -> Vec<PatientSummary> {
    let person = |id, number, family: &str, given: &str, title: &str, born, sex: &str| PatientSummary {
        id,
        nhs_number: NhsNumber::from_prefix(number),
        family: family.into(),
        given: given.into(),
        title: Some(title.into()),
        birth_date: Some(born),
        sex: sex.into(),
        died: id == ALBERT,
        location_protected: id == PROTECTED,
        address: (id != PROTECTED).then(|| "12 Elm Road, LS6 2AB".into()),
        address_withheld: false,
        matched_on: "family name and date of birth".into(),
    };
    vec![
        person(FREDRICA, 943_476_591, "Smith", "Fredrica", "Mrs", date(1945, 7, 14), "female"),
        person(FREDERICA, 943_476_600, "Smith", "Frederica", "Ms", date(1954, 7, 14), "female"),
        person(
            ALBERT,
            943_476_610,
            "Ó Dómhnaill-Featherstonehaugh-Montgomery",
            "Albert",
            "Mr",
            date(1938, 2, 3),
            "male",
        ),
        person(PROTECTED, 943_476_620, "Okafor", "Grace", "Miss", date(1990, 9, 30), "female"),
        person(CLOSING, 943_476_630, "Hussain", "Yusuf", "Mr", date(2024, 11, 1), "male"),
    ]
}

fn from(source: usize, says: Option<&str>, updated: &str) -> Provenance {
    let (id, name, kind) = SOURCES[source];
    Provenance {
        source: SourceId::new(id),
        name: name.into(),
        kind: kind.into(),
        item: "Thing/1".into(),
        updated: Some(at(updated)),
        date: None,
        says: says.map(Into::into),
        organisation_name: None,
    }
}

pub fn entry(id: &str, title: &str, date: &str, status: &str, detail: Detail, provenance: Vec<Provenance>) -> Entry {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Entry {
        id: id.into(),
        title: title.into(),
        date: text(date),
        status: text(status),
        detail,
        provenance,
        ..Entry::default()
    }
}

const CHANGED: &str = "2026-10-03T09:00:00Z";
const LATELY: &str = "2026-11-20T18:30:00Z";

fn demographics() -> Vec<Entry> {
    let demographics = Demographics {
        family: "Smith".into(),
        given: "Fredrica".into(),
        title: Some("Mrs".into()),
        birth_date: Some(date(1945, 7, 14)),
        gender: "female".into(),
        nhs_number: Some("9434765919".into()),
        died: None,
        address: Some("12 Elm Road, Leeds, LS6 2AB".into()),
        phones: vec!["0113 496 0000".into()],
        practice: Some("Beckside Surgery".into()),
        restricted: false,
    };
    vec![entry(
        "de-1",
        "Smith, Fredrica",
        "",
        "",
        Detail::Demographics(Box::new(demographics)),
        vec![from(0, None, CHANGED)],
    )]
}

pub fn entries(dataset: Dataset) -> Vec<Entry> {
    match dataset {
        Dataset::Demographics => demographics(),
        Dataset::Alerts => vec![other(
            "al-1",
            "Difficult airway",
            "2019",
            "active",
            &[("Note", "Grade 4 view, video laryngoscope needed")],
            1,
        )],
        Dataset::Allergies => vec![
            allergy("penicillin", "confirmed", &["anaphylaxis"], 0),
            allergy("codeine", "confirmed", &[], 0),
            allergy("codeine", "refuted", &[], 1),
        ],
        Dataset::Medications => vec![
            medicine("Bisoprolol", "2.5 mg once daily", "repeat", 0, Some("dose differs")),
            medicine("Bisoprolol", "5 mg once daily", "in-patient", 1, Some("dose differs")),
            medicine("Apixaban", "5 mg twice daily", "repeat", 0, None),
            medicine("Apixaban", "5 mg twice daily", "in-patient", 1, None),
            medicine("Levothyroxine", "75 micrograms once daily", "repeat", 0, Some("only in GP list")),
            medicine("Furosemide", "", "stopped", 0, None),
        ],
        Dataset::Diagnoses => vec![
            diagnosis("Heart failure", "active", "confirmed", "2021-03", &[0, 1]),
            diagnosis("Atrial fibrillation", "active", "confirmed", "2018", &[0]),
            diagnosis("Chronic kidney disease stage 3", "active", "confirmed", "2023-02-14", &[0]),
            diagnosis("Pulmonary embolism", "active", "suspected", "2026-11-20", &[1]),
            diagnosis("Fractured wrist", "past", "confirmed", "2009", &[0]),
        ],
        Dataset::Results => results(),
        Dataset::Documents => vec![
            document("doc-1", "Discharge letter, heart failure", "text/plain"),
            document("doc-2", "Scanned referral", "application/pdf"),
        ],
        Dataset::Encounters => vec![
            stay(),
            visit("en-2", "Cardiology clinic", "2026-09-12", 1),
            visit("en-3", "GP appointment", "2026-10-03", 0),
        ],
        Dataset::EndOfLife => vec![other(
            "eol-1",
            "ReSPECT plan",
            "2026-02-02",
            "open",
            &[("Priority", "Comfort"), ("CPR", "Not for attempted CPR")],
            2,
        )],
        _ => Vec::new(),
    }
}
