//! The statement of one source in a discrepancy: its name, its words and the date. It must not depend on the order in
//! which sources answered.

use std::collections::BTreeSet;

use lcr_contracts::record::{Entry, Provenance};
use lcr_fhir::format_date;
use lcr_model::SourceId;

/// How many statements of each side a discrepancy quotes.
const MAX_STATEMENTS: usize = 20;

/// The name of the source, and `words (12-Mar-2019)`.
pub type Statement = (String, String);

/// Quotes the words of every source of the entry.
pub fn statements(entry: &Entry, words: &str) -> Vec<Statement> {
    entry
        .provenance
        .iter()
        .map(|source| (source.shown_name().to_owned(), format!("{words} ({})", date(source))))
        .collect()
}

fn date(source: &Provenance) -> String {
    let updated = || source.updated.map(|at| at.to_string());
    source.date.clone().or_else(updated).map_or_else(|| "date not recorded".to_owned(), |date| format_date(&date))
}

/// One side of a discrepancy, in an order that does not depend on who answered first.
pub fn side(all: impl Iterator<Item = Statement>) -> Vec<Statement> {
    let sorted: BTreeSet<Statement> = all.collect();
    sorted.into_iter().take(MAX_STATEMENTS).collect()
}

/// The named sources of the entries. A source without a kind stands for several whose names are hidden.
pub fn named_sources<'a>(entries: impl Iterator<Item = &'a &'a Entry>) -> BTreeSet<&'a SourceId> {
    let sources = entries.flat_map(|entry| &entry.provenance);
    sources.filter(|source| !source.kind.as_str().is_empty()).map(|source| &source.source).collect()
}

/// A title by which two sources' entries are compared: `Allergy to penicillins (disorder)` → `penicillin`.
pub fn compared_name(title: &str) -> String {
    let lower = title.trim().to_lowercase();
    let untagged =
        lower.strip_suffix(')').and_then(|text| text.rsplit_once(" (")).map_or(lower.as_str(), |(name, _)| name);
    let untagged = if untagged.is_empty() { lower.as_str() } else { untagged };
    let prefixes = ["allergy to ", "allergic to ", "adverse reaction to ", "hypersensitivity to ", "intolerance to "];
    let name = prefixes.iter().find_map(|prefix| untagged.strip_prefix(prefix)).unwrap_or(untagged);
    let name = [" allergy", " intolerance"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    name.strip_suffix('s').filter(|one| one.len() > 2 && !one.ends_with('s')).unwrap_or(&name).to_owned()
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;
