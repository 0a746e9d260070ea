//! Merges a new version of a pushed item with the previous one: fields that the new version omits stay. It must never
//! give out an unreleased document, or show content from before a correction as current.

mod previous_version;
mod refile;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use lcr_contracts::events::PushedItem;
use serde_json::{Value, json};

use super::files;
pub use refile::refile;

/// How a version relates to the previous one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Complete, like all later versions: the previous version is not needed.
    Standalone,
    /// Complete, but a later version may be partial.
    Complete,
    /// Corrects or deletes some observations or files of a report. The others stay.
    SomeObservations(ReportCorrection),
    /// Only the header of a document. The content stays.
    HeaderOnly,
    /// Only the header of a corrected document, with the day of the correction. The old content stays, marked.
    CorrectedHeader(String),
    /// Another document replaces this one. Its content stays.
    Superseded,
    /// The sender withdrew the document. Its content is removed.
    Withdrawn,
}

/// A partial version of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportCorrection {
    /// The ids of parts sent without a value: their old value stays.
    pub keep_value: BTreeSet<String>,
    /// Whether anything was corrected, not only confirmed as final.
    pub is_correction: bool,
    /// The day of sending, as text.
    day: String,
}

impl ReportCorrection {
    pub fn sent_on(self, sent: Timestamp) -> Self {
        Self { day: day_words(sent), ..self }
    }

    /// The day of the correction. `None` if nothing was corrected.
    fn correction_day(&self) -> Option<&str> {
        self.is_correction.then_some(&*self.day)
    }
}

/// The day as text: `20-Nov-2026`.
pub fn day_words(at: Timestamp) -> String {
    let words = lcr_fhir::format_date(&at.to_string());
    words.split(' ').next().unwrap_or_default().to_owned()
}

/// Merges version `now` with the previous version, as `change` says.
pub fn apply_change(change: &Change, before: Option<PushedItem>, now: PushedItem) -> PushedItem {
    let Some(before) = before else { return now };
    match change {
        Change::Standalone | Change::Complete => now,
        Change::SomeObservations(part) => merge_observations(part, &before, now),
        Change::HeaderOnly => merge_header(before, now, Some),
        Change::CorrectedHeader(day) => {
            merge_header(before, now, |content| Some(previous_version::mark_content(content, day)))
        }
        Change::Withdrawn => merge_header(before, now, |_| None),
        Change::Superseded => superseded(before),
    }
}

/// Removes the content of a document that is not available for patient care (TXA-19). Call it before publishing.
pub fn withhold_unreleased(mut item: PushedItem) -> PushedItem {
    if let Some(document) = item.resources.first_mut().filter(|one| is_unavailable(one)) {
        document["content"] = files::title_only("The sender has not released this document for patient care");
    }
    item
}

/// Marks the resource `name` (`Type/id`) as entered in error and removes its content, because the sender deleted it.
pub fn mark_deleted(mut item: PushedItem, name: &str) -> PushedItem {
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let is_it = |one: &Value| format!("{}/{}", text(one, "resourceType"), text(one, "id")) == name;
    if item.resources.first().is_some_and(is_it) {
        (item.awaited, item.discharge_letter) = (false, false);
    }
    for one in item.resources.iter_mut().filter(|one| is_it(one)) {
        one["status"] = json!("entered-in-error");
        if text(one, "resourceType") == "DocumentReference" {
            one["docStatus"] = json!("entered-in-error");
            one["content"] = files::title_only("The sender has withdrawn this document");
        }
        if one.get("presentedForm").is_some() {
            one["presentedForm"] = json!([files::withdrawn_attachment("file")]);
        }
    }
    item
}

fn is_unavailable(document: &Value) -> bool {
    let tags = document["meta"]["tag"].as_array();
    tags.into_iter().flatten().any(|tag| tag["system"] == files::AVAILABILITY && tag["code"] == "UN")
}

fn merge_header(
    mut before: PushedItem,
    mut now: PushedItem,
    content: impl FnOnce(Value) -> Option<Value>,
) -> PushedItem {
    let (Some(old), Some(new)) = (before.resources.first_mut(), now.resources.first_mut()) else {
        return now;
    };
    if new.get("type").is_none() {
        now.name = before.name;
        now.discharge_letter = before.discharge_letter && new["status"] == "current";
    }
    if let Some(content) = old.get_mut("content").and_then(|old| content(old.take())) {
        new["content"] = content;
    }
    fill_missing(new, old);
    now
}

/// Copies fields that the new version omits, also inside `meta`.
fn fill_missing(new: &mut Value, old: &Value) {
    let (Some(new), Some(old)) = (new.as_object_mut(), old.as_object()) else { return };
    for (name, value) in old {
        match new.get_mut(name) {
            None => {
                new.insert(name.clone(), value.clone());
            }
            Some(known) if name == "meta" => fill_missing(known, value),
            Some(_) => {}
        }
    }
}

fn superseded(mut before: PushedItem) -> PushedItem {
    before.discharge_letter = false;
    if let Some(document) = before.resources.first_mut().filter(|one| one["status"] == "current") {
        document["status"] = json!("superseded");
    }
    before
}

fn merge_observations(part: &ReportCorrection, before: &PushedItem, mut now: PushedItem) -> PushedItem {
    let (old, new) = (before.resources.split_first(), now.resources.split_first());
    let (Some((old_report, old_ones)), Some((report, ones))) = (old, new) else { return now };
    let id = |one: &Value| one["id"].as_str().unwrap_or_default().to_owned();
    let mut added_by_id: BTreeMap<String, Value> = ones.iter().map(|one| (id(one), one.clone())).collect();
    let merged = old_ones.iter().map(|old| match added_by_id.remove(&id(old)) {
        Some(new) if part.keep_value.contains(&id(old)) => with_status(old.clone(), &new),
        Some(new) => new,
        None => old.clone(),
    });
    let merged: Vec<Value> = merged.collect();
    // A status without a value may belong to a file.
    let files = previous_version::file_ids(old_report);
    let is_of_file = |id: &str| part.keep_value.contains(id) && files.contains(id);
    let withdrawn: BTreeSet<String> = added_by_id
        .iter()
        .filter(|(id, one)| is_of_file(id) && one["status"] == "entered-in-error")
        .map(|(id, _)| id.clone())
        .collect();
    added_by_id.retain(|id, _| !is_of_file(id));
    let added = ones.iter().filter(|one| added_by_id.contains_key(&id(one))).cloned();
    let all: Vec<Value> = merged.into_iter().chain(added).collect();
    let mut report = previous_version::merge_report(part, report.clone(), old_report, &withdrawn);
    report["result"] = all.iter().map(|one| json!({ "reference": format!("Observation/{}", id(one)) })).collect();
    fill_missing(&mut report, old_report);
    if report["presentedForm"].as_array().is_some_and(Vec::is_empty)
        && let Some(fields) = report.as_object_mut()
    {
        fields.remove("presentedForm");
    }
    now.resources = std::iter::once(report).chain(all).collect();
    now
}

/// The old observation with the new status and the new comments.
fn with_status(mut old: Value, new: &Value) -> Value {
    old["status"] = new["status"].clone();
    let notes = [&old["note"], &new["note"]].into_iter().filter_map(Value::as_array).flatten();
    let notes: Vec<Value> = notes.cloned().collect();
    if !notes.is_empty() {
        old["note"] = Value::Array(notes);
    }
    old
}

#[cfg(test)]
#[path = "item_versions_tests.rs"]
mod tests;
