//! The filters, order and page of a list, as its address holds them. A date filter must not remove an entry without a date;
//! the page says that it is still listed.

use jiff::civil::Date;
use lcr_contracts::record::{Detail, Entry, Provenance, Record, Section, SourceReport};
use serde::Deserialize;

use crate::{
    layout::format::{date_range, encode_query_value},
    record::document_title::document_kind,
};

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
    /// One panel of results, by the id of a result in it.
    #[serde(default)]
    pub panel: String,
    /// `list` shows results as a list instead of a grid.
    #[serde(default)]
    pub view: String,
    #[serde(default)]
    pub sort: String,
    #[serde(default)]
    pub page: String,
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

    /// The number of the page, from 1. A text that is no number is the first page.
    pub fn page_number(&self) -> usize {
        self.page.parse().unwrap_or(1).max(1)
    }

    /// The address of this list with other fields. It starts on the first page unless `changes` names one.
    pub fn href(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let own = [
            ("source", self.source.as_str()),
            ("kind", self.kind.as_str()),
            ("from", self.from.as_str()),
            ("to", self.to.as_str()),
            ("series", self.series.as_str()),
            ("panel", self.panel.as_str()),
            ("view", self.view.as_str()),
            ("sort", self.sort.as_str()),
            ("page", ""),
        ];
        let fields = own.into_iter().filter_map(|(name, own)| {
            let value = changes.iter().find(|(changed, _)| *changed == name).map_or(own, |(_, to)| *to);
            (!value.is_empty()).then(|| format!("{name}={}", encode_query_value(value)))
        });
        let query: Vec<String> = fields.collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }

    /// The fields that a form for the dates, and for the kind if it asks for it, must not lose.
    pub fn hidden_fields(&self, form_has_kind: bool) -> Vec<(&'static str, String)> {
        let kind = if form_has_kind { "" } else { self.kind.as_str() };
        let fields = [
            ("source", self.source.as_str()),
            ("kind", kind),
            ("view", self.view.as_str()),
            ("sort", self.sort.as_str()),
        ];
        fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, value.to_owned()))
            .collect()
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

    /// Whether the dates of the filter include an entry. An entry without a date is always included.
    pub fn includes_date(&self, entry: &Entry) -> bool {
        let (from, to) = (self.from.parse::<Date>().ok(), self.to.parse::<Date>().ok());
        is_within(entry, from.as_ref(), to.as_ref())
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
        Detail::Document { document_type, .. } => Some(document_kind(document_type)),
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

/// The sources of a section, without duplicates: id and the name that the record's sources have.
pub fn sources(record: &Record, section: &Section) -> Vec<(String, String)> {
    let all = section.entries.iter().flat_map(|entry| &entry.provenance);
    let name = |one: &Provenance| {
        let report = record.sources.iter().find(|source| source.source == one.source);
        report.map_or(one.name.as_str(), SourceReport::shown_name).to_owned()
    };
    let mut sources: Vec<(String, String)> = all.map(|one| (one.source.to_string(), name(one))).collect();
    sources.sort();
    // A source's answers and its ward messages have different names; the shorter one sorts first.
    sources.dedup_by(|later, earlier| later.0 == earlier.0);
    sources
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
