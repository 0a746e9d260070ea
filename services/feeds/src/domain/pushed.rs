//! An item as it is after a new version: what the version leaves out stays as its source said it before. Never gives
//! out a document that its source has not released.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::events::PushedItem;
use serde_json::{Value, json};

use super::files;

/// How a version stands to the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It says all there is, and no later version leaves anything out.
    Alone,
    /// It says all there is.
    Whole,
    /// Some observations of a report, corrected or deleted: the others stay. Those of `keep_value` came without
    /// their value.
    SomeObservations { keep_value: BTreeSet<String> },
    /// A document's header: the content stays.
    HeaderOnly,
    /// Another document stands in this one's place; what is known of it stays.
    Superseded,
    /// The document is withdrawn: its content goes.
    Withdrawn,
}

/// `now`, with what `before` said and it leaves out.
pub fn over(change: &Change, before: Option<PushedItem>, now: PushedItem) -> PushedItem {
    let Some(before) = before else { return now };
    match change {
        Change::Alone | Change::Whole => now,
        Change::SomeObservations { keep_value } => observations(keep_value, &before, now),
        Change::HeaderOnly => header(before, now, true),
        Change::Withdrawn => header(before, now, false),
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

fn is_unavailable(document: &Value) -> bool {
    let tags = document["meta"]["tag"].as_array();
    tags.into_iter().flatten().any(|tag| tag["system"] == files::AVAILABILITY && tag["code"] == "UN")
}

fn header(mut before: PushedItem, mut now: PushedItem, with_content: bool) -> PushedItem {
    let (Some(old), Some(new)) = (before.resources.first_mut(), now.resources.first_mut()) else {
        return now;
    };
    if new.get("type").is_none() {
        now.name = before.name;
        now.discharge_letter = before.discharge_letter && new["status"] == "current";
    }
    if with_content && let Some(content) = old.get_mut("content") {
        new["content"] = content.take();
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

fn observations(keep_value: &BTreeSet<String>, before: &PushedItem, mut now: PushedItem) -> PushedItem {
    let (old, new) = (before.resources.split_first(), now.resources.split_first());
    let (Some((old_report, old_ones)), Some((report, ones))) = (old, new) else { return now };
    let id = |one: &Value| one["id"].as_str().unwrap_or_default().to_owned();
    let mut told: BTreeMap<String, Value> = ones.iter().map(|one| (id(one), one.clone())).collect();
    let kept = old_ones.iter().map(|old| match told.remove(&id(old)) {
        Some(new) if keep_value.contains(&id(old)) => with_status(old.clone(), &new),
        Some(new) => new,
        None => old.clone(),
    });
    let kept: Vec<Value> = kept.collect();
    let added = ones.iter().filter(|one| told.contains_key(&id(one))).cloned();
    let all: Vec<Value> = kept.into_iter().chain(added).collect();
    let mut report = report.clone();
    report["result"] =
        all.iter().map(|one| json!({ "reference": format!("Observation/{}", id(one)) })).collect();
    fill(&mut report, old_report);
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
