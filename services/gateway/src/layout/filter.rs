//! The filters of a dataset page: organisation, dates and kind. A date filter must not remove an entry without a date;
//! the page says that it is still listed.

use jiff::civil::Date;
use lcr_contracts::record::{Detail, Entry, Section};
use serde::Deserialize;

use crate::layout::format::date_range;

/// The fields of the form. A date that cannot be read filters nothing, and the page says so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Filter {
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub kind: String,
    /// One series of results.
    #[serde(default)]
    pub series: String,
}

/// The entries that pass, and the sentence about them.
#[derive(Debug)]
pub struct FilterResult<'a> {
    pub entries: Vec<&'a Entry>,
    pub words: Option<String>,
}

impl Filter {
    pub fn is_set(&self) -> bool {
        [&self.source, &self.from, &self.to, &self.kind].iter().any(|text| !text.is_empty())
    }

    pub fn apply<'a>(&self, entries: &'a [Entry]) -> FilterResult<'a> {
        let (from, to) = (self.from.parse::<Date>(), self.to.parse::<Date>());
        let has_bad_date = [(&self.from, from.is_err()), (&self.to, to.is_err())]
            .iter()
            .any(|(text, is_bad)| !text.is_empty() && *is_bad);
        let shown: Vec<&Entry> = entries
            .iter()
            .filter(|entry| {
                self.matches_source(entry)
                    && self.matches_kind(entry)
                    && is_within(entry, from.as_ref().ok(), to.as_ref().ok())
            })
            .collect();
        let filters_dates = from.is_ok() || to.is_ok();
        let undated = shown.iter().filter(|entry| filters_dates && dates(entry).is_none()).count();
        FilterResult { words: self.words(shown.len(), entries.len(), undated, has_bad_date), entries: shown }
    }

    fn matches_source(&self, entry: &Entry) -> bool {
        self.source.is_empty() || entry.provenance.iter().any(|one| one.source.as_str() == self.source)
    }

    fn matches_kind(&self, entry: &Entry) -> bool {
        self.kind.is_empty() || kind(entry).is_some_and(|kind| kind == self.kind)
    }

    fn words(&self, shown: usize, all: usize, undated: usize, has_bad_date: bool) -> Option<String> {
        let mut words = self.is_set().then(|| format!("{shown} of {all} shown by this filter."))?;
        if undated > 0 {
            words += &format!(" {undated} without a date kept in the list.");
        }
        if has_bad_date {
            words += " A date could not be read and was not used: enter it as year-month-day, such as 2026-03-05.";
        }
        Some(words)
    }
}

fn dates(entry: &Entry) -> Option<(Date, Date)> {
    entry.date.as_deref().and_then(date_range)
}

fn is_within(entry: &Entry, from: Option<&Date>, to: Option<&Date>) -> bool {
    dates(entry).is_none_or(|(first, last)| from.is_none_or(|from| last >= *from) && to.is_none_or(|to| first <= *to))
}

/// The kind of an entry, for the filter.
pub fn kind(entry: &Entry) -> Option<String> {
    match &entry.detail {
        Detail::Medication { list, .. } => Some(list.clone()),
        Detail::Document { document_type, .. } => Some(document_type.clone()),
        Detail::Encounter { class, .. } => Some(class.clone()),
        Detail::Result { .. } => Some(entry.title.clone()),
        Detail::Diagnosis { clinical, .. } | Detail::Allergy { clinical, .. } => clinical.clone(),
        Detail::Demographics(_) | Detail::Other { .. } => entry.status.clone(),
    }
    .filter(|kind| !kind.is_empty())
}

/// The kinds of a section, without duplicates.
pub fn kinds(section: &Section) -> Vec<String> {
    let mut kinds: Vec<String> = section.entries.iter().filter_map(kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The sources of a section, without duplicates: id and name.
pub fn sources(section: &Section) -> Vec<(String, String)> {
    let all = section.entries.iter().flat_map(|entry| &entry.provenance);
    let mut sources: Vec<(String, String)> = all.map(|one| (one.source.to_string(), one.name.clone())).collect();
    sources.sort();
    // A source's answers and its ward messages have different names; the shorter one sorts first.
    sources.dedup_by(|later, earlier| later.0 == earlier.0);
    sources
}
