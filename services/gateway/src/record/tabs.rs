//! The links to the parts of a record, each with a count or the reason why there is none. A count must not stand alone
//! if a source that could add to it is missing.

use lcr_contracts::record::{Record, Section};
use lcr_model::Dataset;

use crate::record::{coverage::Coverage, results_grid::count_results};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    pub title: &'static str,
    pub href: String,
    /// The count, or the reason why there is none.
    pub note: String,
    pub current: bool,
}

/// The page that the reader is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurrentPage {
    Summary,
    Dataset(Dataset),
    Timeline,
}

/// The summary, every dataset that may be open to the reader's role, and the timeline. `asked` are the datasets that the
/// page asked for, or `None` for all. The tab of any other says nothing, because nothing is known of it here.
pub fn tabs(record: &Record, at: CurrentPage, asked: Option<&[Dataset]>) -> Vec<Tab> {
    let base = format!("/people/{}", record.person);
    let tab = |title, part: &str, note: String, page: CurrentPage| Tab {
        title,
        href: if part.is_empty() { base.clone() } else { format!("{base}/{part}") },
        note,
        current: at == page,
    };
    let mut out = vec![tab("Summary", "", "in short".into(), CurrentPage::Summary)];
    let is_tab =
        |dataset: &&Dataset| record.section(**dataset).is_some() || asked.is_some_and(|asked| !asked.contains(dataset));
    for dataset in Dataset::ALL.iter().filter(is_tab).copied() {
        let note = record.section(dataset).map_or_else(String::new, |section| section_note(record, section));
        out.push(tab(dataset.title(), dataset.as_str(), note, CurrentPage::Dataset(dataset)));
    }
    out.push(tab("Timeline", "timeline", "by date".into(), CurrentPage::Timeline));
    out
}

fn section_note(record: &Record, section: &Section) -> String {
    let count =
        if section.dataset == Dataset::Results { count_results(&section.entries) } else { section.entries.len() };
    let coverage = Coverage::of(record, section.dataset);
    match (count, coverage.missing.len(), coverage.asking.len()) {
        (0, _, _) => coverage.short_reason().to_owned(),
        (count, 0, 0) => count.to_string(),
        (count, 0, _) => format!("{count}, asking…"),
        (count, missing, _) if missing == coverage.partial.len() => {
            format!("{count}, not all")
        }
        (count, missing, _) => format!("{count}, {missing} no answer"),
    }
}

#[cfg(test)]
#[path = "tabs_tests.rs"]
mod tests;
