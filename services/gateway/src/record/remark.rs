//! A labelled remark of the banner's second line, and what its parts share.

use lcr_contracts::record::{Entry, Record};
use lcr_model::Dataset;

use crate::layout::format::join_with_and;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub label: String,
    pub text: String,
    /// The dataset page that the remark links to.
    pub dataset: Option<&'static str>,
    pub warns: bool,
}

pub(super) fn remark(label: &str, text: String, dataset: Option<Dataset>, warns: bool) -> Remark {
    Remark { label: label.into(), text, dataset: dataset.map(Dataset::as_str), warns }
}

pub(super) fn entries(record: &Record, dataset: Dataset) -> &[Entry] {
    record.section(dataset).map_or(&[], |section| &section.entries)
}

pub(super) fn source_names(entry: &Entry) -> String {
    let names: Vec<String> = entry.provenance.iter().map(|one| one.shown_name().to_owned()).collect();
    // "St Hilda's Hospitals, ward messages" also names the hospital.
    let is_named =
        |name: &str| names.iter().any(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with(',')));
    let names: Vec<String> = names.iter().filter(|name| !is_named(name)).cloned().collect();
    if names.is_empty() { "source not named".into() } else { join_with_and(&names) }
}
