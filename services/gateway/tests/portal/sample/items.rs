//! One item of each kind, as sources send it. All of them are invented.

use lcr_contracts::record::{Detail, Entry, File};

use super::{CHANGED, LATELY, entry, from};

pub fn allergy(title: &str, verification: &str, reactions: &[&str], source: usize) -> Entry {
    let detail = Detail::Allergy {
        clinical: Some("active".into()),
        verification: Some(verification.into()),
        reactions: reactions.iter().map(|reaction| (*reaction).to_owned()).collect(),
        severe: reactions.contains(&"anaphylaxis"),
        none_known: false,
        none_known_of: None,
        kinds: Vec::new(),
        ended_denial: false,
    };
    entry(&format!("al-{title}-{source}"), title, "2011-05", "", detail, vec![from(source, None, CHANGED)])
}

pub fn medicine(title: &str, dose: &str, list: &str, source: usize, remark: Option<&str>) -> Entry {
    let detail = Detail::Medication {
        aligned_by: format!("{}|oral", title.to_lowercase()),
        list: list.into(),
        dose: Some(dose.into()).filter(|dose: &String| !dose.is_empty()),
        route: Some("Oral".into()),
        form: Some("tablet".into()),
        reason: None,
    };
    let date = if source == 0 { "2026-10-03" } else { "2026-11-20" };
    let mut medicine =
        entry(&format!("me-{title}-{source}"), title, date, "active", detail, vec![from(source, None, LATELY)]);
    medicine.remark = remark.map(Into::into);
    medicine
}

fn result(title: &str, number: f64, unit: &str, flag: &str, range: &str, date: &str) -> Entry {
    let detail = Detail::Result {
        series: format!("http://loinc.org|{title}|{unit}"),
        value: number.to_string(),
        number: Some(number.to_string()),
        unit: Some(unit.into()),
        range: Some(range.into()).filter(|range: &String| !range.is_empty()),
        flag: Some(flag.into()).filter(|flag: &String| !flag.is_empty()),
        reported: Some(date.into()),
        components: vec![],
        report: None,
    };
    entry(&format!("re-{title}-{date}"), title, date, "final", detail, vec![from(1, None, LATELY)])
}

pub(super) fn results() -> Vec<Entry> {
    let mut all: Vec<Entry> = [
        ("2026-11-21T08:10:00Z", 41.0),
        ("2026-11-20T07:50:00Z", 38.0),
        ("2026-08-02", 47.0),
        ("2026-02-11", 52.0),
        ("2025-06-30", 55.0),
    ]
    .into_iter()
    .map(|(date, value)| {
        result("eGFR", value, "mL/min/1.73 m²", if value < 60.0 { "low" } else { "" }, "60 or above", date)
    })
    .collect();
    all.push(result("Potassium", 4.9, "mmol/L", "", "3.5 to 5.3", "2026-11-21T08:10:00Z"));
    all.push(result("Potassium", 5.6, "mmol/L", "high", "3.5 to 5.3", "2026-11-20T07:50:00Z"));
    all.push(result("Haemoglobin", 118.0, "g/L", "", "115 to 165", "2026-11-20T07:50:00Z"));
    let culture = Detail::Result {
        series: "http://loinc.org|culture".into(),
        value: "No growth after 48 hours".into(),
        number: None,
        unit: None,
        range: None,
        flag: None,
        reported: Some("2026-11-21".into()),
        components: vec![],
        report: None,
    };
    all.push(entry("re-culture", "Blood culture", "2026-11-19", "preliminary", culture, vec![from(1, None, LATELY)]));
    all
}

pub(super) fn diagnosis(title: &str, clinical: &str, certainty: &str, onset: &str, sources: &[usize]) -> Entry {
    let detail = Detail::Diagnosis {
        clinical: Some(clinical.into()),
        certainty: Some(certainty.into()),
        ended: None,
        only_recorded: false,
    };
    let provenance = sources.iter().map(|source| from(*source, None, CHANGED)).collect();
    entry(&format!("di-{title}"), title, onset, "", detail, provenance)
}

pub(super) fn stay() -> Entry {
    let detail = Detail::Encounter {
        class: "In-patient".into(),
        place: Some("J27 bed 4".into()),
        ended: None,
        in_progress: true,
    };
    entry("en-1", "Emergency admission", "2026-11-19T03:20:00Z", "in progress", detail, vec![from(1, None, LATELY)])
}

pub(super) fn visit(id: &str, title: &str, date: &str, source: usize) -> Entry {
    let detail = Detail::Encounter {
        class: "Out-patient".into(),
        place: Some("Heart failure clinic".into()),
        ended: Some(date.into()),
        in_progress: false,
    };
    entry(id, title, date, "finished", detail, vec![from(source, None, CHANGED)])
}

pub(super) fn document(id: &str, title: &str, kind: &str) -> Entry {
    let detail = Detail::Document {
        document_type: "Discharge letter".into(),
        author: Some("Dr T. Moss".into()),
        content_type: Some(kind.into()),
    };
    let mut letter = entry(id, title, "2026-08-04", "final", detail, vec![from(1, None, CHANGED)]);
    letter.files = vec![File { title: None, content_type: Some(kind.into()), unavailable: None }];
    letter
}

pub(super) fn other(id: &str, title: &str, date: &str, status: &str, fields: &[(&str, &str)], source: usize) -> Entry {
    let fields = fields.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect();
    entry(id, title, date, status, Detail::Other { fields }, vec![from(source, None, CHANGED)])
}
