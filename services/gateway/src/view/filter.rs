//! The filters of a dataset page: organisation, dates, kind. An entry without a date is never filtered away
//! by one: it is kept, and the page says so.

use jiff::civil::Date;
use lcr_contracts::record::{Detail, Entry, Section};
use serde::Deserialize;

use super::words::span;

/// As the form sends them; what cannot be read filters nothing and is named on the page.
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

/// What stays, and what to say about it.
#[derive(Debug)]
pub struct Filtered<'a> {
    pub entries: Vec<&'a Entry>,
    pub words: Option<String>,
}

impl Filter {
    pub fn is_set(&self) -> bool {
        [&self.source, &self.from, &self.to, &self.kind].iter().any(|text| !text.is_empty())
    }

    pub fn apply<'a>(&self, entries: &'a [Entry]) -> Filtered<'a> {
        let (from, to) = (self.from.parse::<Date>(), self.to.parse::<Date>());
        let unread = [(&self.from, from.is_err()), (&self.to, to.is_err())]
            .iter()
            .any(|(text, bad)| !text.is_empty() && *bad);
        let kept: Vec<&Entry> = entries
            .iter()
            .filter(|entry| {
                self.whose(entry) && self.kinds(entry) && within(entry, from.as_ref().ok(), to.as_ref().ok())
            })
            .collect();
        let dated = from.is_ok() || to.is_ok();
        let undated = kept.iter().filter(|entry| dated && dates(entry).is_none()).count();
        Filtered { words: self.words(kept.len(), entries.len(), undated, unread), entries: kept }
    }

    fn whose(&self, entry: &Entry) -> bool {
        self.source.is_empty() || entry.provenance.iter().any(|one| one.source.as_str() == self.source)
    }

    fn kinds(&self, entry: &Entry) -> bool {
        self.kind.is_empty() || kind(entry).is_some_and(|kind| kind == self.kind)
    }

    fn words(&self, kept: usize, all: usize, undated: usize, unread: bool) -> Option<String> {
        let mut words = self.is_set().then(|| format!("{kept} of {all} shown by this filter."))?;
        if undated > 0 {
            words += &format!(" {undated} without a date kept in the list.");
        }
        if unread {
            words +=
                " A date could not be read and was not used: enter it as year-month-day, such as 2026-03-05.";
        }
        Some(words)
    }
}

fn dates(entry: &Entry) -> Option<(Date, Date)> {
    entry.date.as_deref().and_then(span)
}

fn within(entry: &Entry, from: Option<&Date>, to: Option<&Date>) -> bool {
    dates(entry)
        .is_none_or(|(first, last)| from.is_none_or(|from| last >= *from) && to.is_none_or(|to| first <= *to))
}

/// What a reader may filter by, beside organisation and date.
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

/// The kinds of a section, each once.
pub fn kinds(section: &Section) -> Vec<String> {
    let mut kinds: Vec<String> = section.entries.iter().filter_map(kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// The sources of a section, each once: (id, name).
pub fn sources(section: &Section) -> Vec<(String, String)> {
    let all = section.entries.iter().flat_map(|entry| &entry.provenance);
    let mut sources: Vec<(String, String)> =
        all.map(|one| (one.source.to_string(), one.name.clone())).collect();
    sources.sort();
    // Its answers and its ward messages are one source, under the plainer name.
    sources.dedup_by(|later, earlier| later.0 == earlier.0);
    sources
}
