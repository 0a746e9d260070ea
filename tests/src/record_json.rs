//! Reads a record's JSON for tests. It must never check anything.

use serde_json::Value;

/// The state of one dataset of one source, such as `has-data`, and the whole report.
pub fn state<'r>(record: &'r Value, source: &str, dataset: &str) -> (&'r str, &'r Value) {
    let report = list(record, "sources").find(|one| one["source"] == source);
    let report = report.unwrap_or_else(|| panic!("the record names no source {source}"));
    let found = list(report, "datasets").find(|one| one["dataset"] == dataset);
    let found = found.unwrap_or_else(|| panic!("{source} says nothing of {dataset}"));
    (found["state"].as_str().unwrap_or_default(), found)
}

/// The entries of a dataset.
pub fn entries<'r>(record: &'r Value, dataset: &str) -> Vec<&'r Value> {
    let section = list(record, "sections").find(|one| one["dataset"] == dataset);
    section.map_or(vec![], |section| list(section, "entries").collect())
}

/// The source and item of every provenance in the record.
pub fn items(record: &Value) -> Vec<(String, String)> {
    let sections = list(record, "sections");
    let provenance = sections.flat_map(|one| list(one, "entries")).flat_map(|one| list(one, "provenance"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    provenance.map(|one| (text(&one["source"]), text(&one["item"]))).collect()
}

/// The datasets of the sections in order.
pub fn datasets(record: &Value) -> Vec<&str> {
    list(record, "sections").filter_map(|one| one["dataset"].as_str()).collect()
}

pub fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}
