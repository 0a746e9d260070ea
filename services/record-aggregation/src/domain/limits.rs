//! What a permit's clearances leave of a dataset. A limit that is not known here leaves nothing: no is the
//! default.

use std::collections::BTreeSet;

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use lcr_contracts::record::{Detail, Entry};
use lcr_model::Dataset;

/// What stands for a content that the role does not see.
const FOR_THE_ROLE: &str = "not shown to your role";

/// Keeps of `entries` what the limits on `dataset` allow; returns how many were left out.
pub fn apply(
    dataset: Dataset,
    clearances: &BTreeSet<String>,
    now: Timestamp,
    entries: &mut Vec<Entry>,
) -> u32 {
    let prefix = format!("{dataset}:");
    let before = entries.len();
    for limit in clearances.iter().filter_map(|label| label.strip_prefix(&prefix)) {
        one(limit, now, entries);
    }
    u32::try_from(before - entries.len()).unwrap_or(u32::MAX)
}

fn one(limit: &str, now: Timestamp, entries: &mut Vec<Entry>) {
    match limit {
        "discharge-clinic-care-plan" => {
            entries.retain(|e| is_document(e, &["discharge", "clinic", "care-plan"]));
        }
        "discharge" => entries.retain(|entry| is_document(entry, &["discharge"])),
        "latest-discharge" => {
            entries.retain(|entry| is_document(entry, &["discharge"]));
            entries.sort_by(|a, b| b.date.cmp(&a.date));
            entries.truncate(1);
        }
        "titles" | "flag" => entries.iter_mut().for_each(title_only),
        "12-months" => {
            let since = year_before(now);
            // Somebody who is still there is there now, whenever they came.
            entries
                .retain(|entry| goes_on(entry) || entry.date.as_deref().is_some_and(|date| *date >= *since));
        }
        "dates" => entries.iter_mut().for_each(dates_only),
        // A report holds more than its title names: its results stand by themselves.
        "renal-liver-inr" => entries.retain(|entry| !is_report(entry) && names(entry, &RENAL_LIVER_INR)),
        "functional" => entries.retain(|entry| names(entry, &FUNCTIONAL)),
        "services" => entries.iter_mut().for_each(services_only),
        _ => entries.clear(),
    }
}

const RENAL_LIVER_INR: [&str; 9] =
    ["egfr", "creatinine", "urea", "potassium", "alt", "alanine", "bilirubin", "alkaline phosphatase", "inr"];
const FUNCTIONAL: [&str; 12] = [
    "dementia",
    "frailty",
    "fall",
    "mobility",
    "learning disability",
    "visual",
    "blind",
    "hearing",
    "deaf",
    "stroke",
    "parkinson",
    "continence",
];

fn names(entry: &Entry, words: &[&str]) -> bool {
    let title = entry.title.to_lowercase();
    words.iter().any(|word| title.contains(word))
}

fn is_report(entry: &Entry) -> bool {
    matches!(&entry.detail, Detail::Result { report: Some(_), .. })
}

fn is_document(entry: &Entry, kinds: &[&str]) -> bool {
    matches!(&entry.detail, Detail::Document { document_type, .. } if kinds.contains(&document_type.as_str()))
}

fn goes_on(entry: &Entry) -> bool {
    matches!(&entry.detail, Detail::Encounter { in_progress: true, .. })
}

fn title_only(entry: &mut Entry) {
    without_rest(entry);
    entry.stay = None;
    entry.detail = Detail::Other { fields: vec![("Content".to_owned(), FOR_THE_ROLE.to_owned())] };
}

/// Whatever stands beside the main fields: comments, further lines, files.
fn without_rest(entry: &mut Entry) {
    entry.links.clear();
    entry.notes.clear();
    entry.more.clear();
    entry.left_out.clear();
    entry.files.clear();
    if let Some(stay) = &mut entry.stay {
        stay.destination = None;
        stay.warnings.clear();
    }
}

fn dates_only(entry: &mut Entry) {
    without_rest(entry);
    if let Detail::Encounter { class, .. } = &entry.detail {
        entry.title.clone_from(class);
    }
}

/// Key worker, services, package: not the case itself.
fn services_only(entry: &mut Entry) {
    without_rest(entry);
    if let Detail::Other { fields } = &mut entry.detail {
        fields.retain(|(label, _)| matches!(label.as_str(), "Plan" | "By" | "Until"));
    }
}

fn year_before(now: Timestamp) -> String {
    let today: Date = now.to_zoned(TimeZone::UTC).date();
    today.checked_sub(Span::new().years(1)).unwrap_or(today).to_string()
}
