//! An item as it is after a new version: what the version leaves out stays as its source said it before. Never gives
//! out a document that its source has not released, nor what stood before a correction as if it stood after it.

mod before;
mod filed;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use lcr_contracts::events::PushedItem;
use serde_json::{Value, json};

use super::files;
pub use filed::filed_as;

/// How a version stands to the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It says all there is, and no later version leaves anything out.
    Alone,
    /// It says all there is.
    Whole,
    /// Some observations or files of a report, corrected or deleted: the others stay.
    SomeObservations(Part),
    /// A document's header: the content stays.
    HeaderOnly,
    /// The header of a document that was corrected in these words of its day: the content is of before.
    HeaderOfCorrection(String),
    /// Another document stands in this one's place; what is known of it stays.
    Superseded,
    /// The document is withdrawn: its content goes.
    Withdrawn,
}

/// What came of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The ids of what came without its value.
    pub keep_value: BTreeSet<String>,
    /// Whether anything was corrected, rather than told to be final.
    pub is_correction: bool,
    /// The day it was sent, in words.
    day: String,
}

impl Part {
    pub fn of(self, sent: Timestamp) -> Self {
        Self { day: day(sent), ..self }
    }

    /// The day of the correction, where it is one.
    fn correction(&self) -> Option<&str> {
        self.is_correction.then_some(&*self.day)
    }
}

/// A moment's day in words: `20-Nov-2026`.
pub fn day(at: Timestamp) -> String {
    let words = lcr_fhir::date_words(&at.to_string());
    words.split(' ').next().unwrap_or_default().to_owned()
}

/// `now`, with what `before` said and it leaves out.
pub fn over(change: &Change, before: Option<PushedItem>, now: PushedItem) -> PushedItem {
    let Some(before) = before else { return now };
    match change {
        Change::Alone | Change::Whole => now,
        Change::SomeObservations(part) => observations(part, &before, now),
        Change::HeaderOnly => header(before, now, Some),
        Change::HeaderOfCorrection(day) => header(before, now, |content| Some(before::content(content, day))),
        Change::Withdrawn => header(before, now, |_| None),
        Change::Superseded => superseded(before),
    }
}

/// What goes out of an item: a document that is not available for patient care (TXA-19) goes without its content.
pub fn released(mut item: PushedItem) -> PushedItem {
    if let Some(document) = item.resources.first_mut().filter(|one| is_unavailable(one)) {
        document["content"] = files::only_words("The sender has not released this document for patient care");
    }
    item
}

/// The item without the resource `name` (`Type/id`), which its sender deleted: it is entered in error.
pub fn without(mut item: PushedItem, name: &str) -> PushedItem {
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
    let is_it = |one: &Value| format!("{}/{}", text(one, "resourceType"), text(one, "id")) == name;
    if item.resources.first().is_some_and(is_it) {
        (item.awaited, item.discharge_letter) = (false, false);
    }
    for one in item.resources.iter_mut().filter(|one| is_it(one)) {
        one["status"] = json!("entered-in-error");
        if text(one, "resourceType") == "DocumentReference" {
            one["docStatus"] = json!("entered-in-error");
            one["content"] = files::only_words("The sender has withdrawn this document");
        }
        if one.get("presentedForm").is_some() {
            one["presentedForm"] = json!([files::withdrawn("file")]);
        }
    }
    item
}

fn is_unavailable(document: &Value) -> bool {
    let tags = document["meta"]["tag"].as_array();
    tags.into_iter().flatten().any(|tag| tag["system"] == files::AVAILABILITY && tag["code"] == "UN")
}

fn header(
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
    fill(new, old);
    now
}

/// Fields that were not told again, one level into `meta`.
fn fill(new: &mut Value, old: &Value) {
    let (Some(new), Some(old)) = (new.as_object_mut(), old.as_object()) else { return };
    for (name, value) in old {
        match new.get_mut(name) {
            None => {
                new.insert(name.clone(), value.clone());
            }
            Some(known) if name == "meta" => fill(known, value),
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

fn observations(part: &Part, before: &PushedItem, mut now: PushedItem) -> PushedItem {
    let (old, new) = (before.resources.split_first(), now.resources.split_first());
    let (Some((old_report, old_ones)), Some((report, ones))) = (old, new) else { return now };
    let id = |one: &Value| one["id"].as_str().unwrap_or_default().to_owned();
    let mut told: BTreeMap<String, Value> = ones.iter().map(|one| (id(one), one.clone())).collect();
    let kept = old_ones.iter().map(|old| match told.remove(&id(old)) {
        Some(new) if part.keep_value.contains(&id(old)) => with_status(old.clone(), &new),
        Some(new) => new,
        None => old.clone(),
    });
    let kept: Vec<Value> = kept.collect();
    // A status without a value may be that of a file.
    let files = before::file_ids(old_report);
    let is_of_file = |id: &str| part.keep_value.contains(id) && files.contains(id);
    let gone: BTreeSet<String> = told
        .iter()
        .filter(|(id, one)| is_of_file(id) && one["status"] == "entered-in-error")
        .map(|(id, _)| id.clone())
        .collect();
    told.retain(|id, _| !is_of_file(id));
    let added = ones.iter().filter(|one| told.contains_key(&id(one))).cloned();
    let all: Vec<Value> = kept.into_iter().chain(added).collect();
    let mut report = before::report(part, report.clone(), old_report, &gone);
    report["result"] =
        all.iter().map(|one| json!({ "reference": format!("Observation/{}", id(one)) })).collect();
    fill(&mut report, old_report);
    if report["presentedForm"].as_array().is_some_and(Vec::is_empty)
        && let Some(fields) = report.as_object_mut()
    {
        fields.remove("presentedForm");
    }
    now.resources = std::iter::once(report).chain(all).collect();
    now
}

/// The value as it was, under the status and with the comments of now.
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
#[path = "pushed_tests.rs"]
mod tests;
