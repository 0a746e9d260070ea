//! The links to each part of the record, with a count or the reason there is none. A count never stands
//! alone when a source that could add to it is missing.

use lcr_contracts::record::Record;
use lcr_model::Dataset;

use super::gaps::Gaps;

/// One link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    pub title: &'static str,
    pub href: String,
    /// The count, or the reason there is none.
    pub note: String,
    pub current: bool,
}

/// Which page the reader is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Summary,
    Dataset(Dataset),
    Timeline,
}

/// Summary, every permitted dataset, timeline. Demographics are in the banner and come last but one.
pub fn tabs(record: &Record, at: At) -> Vec<Tab> {
    let base = format!("/people/{}", record.person);
    let tab = |title, part: &str, note: String, here: At| Tab {
        title,
        href: if part.is_empty() { base.clone() } else { format!("{base}/{part}") },
        note,
        current: at == here,
    };
    let mut out = vec![tab("Summary", "", "in short".into(), At::Summary)];
    for section in &record.sections {
        let dataset = section.dataset;
        out.push(tab(
            dataset.title(),
            dataset.as_str(),
            note(record, dataset, section.entries.len()),
            At::Dataset(dataset),
        ));
    }
    out.push(tab("Timeline", "timeline", "by date".into(), At::Timeline));
    out
}

fn note(record: &Record, dataset: Dataset, count: usize) -> String {
    let gaps = Gaps::of(record, dataset);
    match (count, gaps.silent.len(), gaps.asking.len()) {
        (0, _, _) => gaps.reason().to_owned(),
        (count, 0, 0) => count.to_string(),
        (count, 0, _) => format!("{count}, asking…"),
        (count, silent, _) if silent == gaps.in_part.len() => format!("{count}, {silent} not complete"),
        (count, silent, _) => format!("{count}, {silent} no answer"),
    }
}
