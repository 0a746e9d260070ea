//! Adds the content of the previous version to a corrected report or document, and marks it as old. Old files and
//! conclusions must never look current.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::ReportCorrection;
use crate::domain::files;

const CONCLUSION: &str = "Before the correction: ";
const FILE: &str = "From before the correction of ";

/// Merges the files, the conclusion and the labels of the old report. `gone` holds the ids of files withdrawn by a
/// status without a value.
pub fn merge_report(part: &ReportCorrection, mut now: Value, old: &Value, gone: &BTreeSet<String>) -> Value {
    now["presentedForm"] = merge_files(part, &now["presentedForm"], old, gone);
    if let Some(conclusion) = merge_conclusion(&now, old, part.correction_day().is_some()) {
        now["conclusion"] = json!(conclusion);
    }
    let labels = merge_labels(&now, old);
    if !labels.is_empty() {
        now["meta"]["security"] = Value::Array(labels);
    }
    now
}

/// The ids of a report's files.
pub fn file_ids(report: &Value) -> BTreeSet<&str> {
    list(&report["presentedForm"]).iter().map(id).filter(|id| !id.is_empty()).collect()
}

/// Marks a document's `content` as from before the correction.
pub fn mark_content(mut content: Value, day: &str) -> Value {
    for one in content.as_array_mut().into_iter().flatten() {
        let attachment = one["attachment"].take();
        one["attachment"] = mark_attachment(attachment, day);
    }
    content
}

fn merge_files(part: &ReportCorrection, now: &Value, old: &Value, gone: &BTreeSet<String>) -> Value {
    let old = list(&old["presentedForm"]);
    let known: BTreeSet<&str> = old.iter().map(id).collect();
    // Final without a new value: the previous file stays valid.
    let is_kept = |id: &str| part.keep_value.contains(id) && known.contains(id) && !gone.contains(id);
    let now: Vec<&Value> = list(now).iter().filter(|one| !is_kept(id(one))).collect();
    let sent: BTreeSet<&str> = now.iter().map(|one| id(one)).filter(|id| !id.is_empty()).collect();
    let mut withdrawn = BTreeSet::new();
    let kept = old.iter().filter(|one| !sent.contains(id(one))).filter_map(|one| {
        let id = id(one);
        if gone.contains(id) {
            let mut notice = files::withdrawn_attachment("file");
            notice["id"] = json!(id);
            return withdrawn.insert(id).then_some(notice);
        }
        Some(match part.correction_day().filter(|_| !is_kept(id)) {
            Some(day) => mark_attachment(one.clone(), day),
            None => one.clone(),
        })
    });
    let kept: Vec<Value> = kept.collect();
    kept.into_iter().chain(now.into_iter().cloned()).collect()
}

/// Adds the day of the correction to the title of an old file.
fn mark_attachment(mut attachment: Value, day: &str) -> Value {
    let title = attachment["title"].as_str().unwrap_or_default();
    let has_file = attachment.get("data").is_some() || attachment.get("url").is_some();
    if has_file && !title.starts_with(FILE) {
        let title = if title.is_empty() { String::new() } else { format!(": {title}") };
        attachment["title"] = json!(format!("{FILE}{day}{title}"));
    }
    attachment
}

/// The new conclusion followed by the old one. `None` if nothing was corrected or the new one already counts.
fn merge_conclusion(now: &Value, old: &Value, is_correction: bool) -> Option<String> {
    let old = old["conclusion"].as_str().filter(|_| is_correction)?;
    let before = if old.starts_with(CONCLUSION) { old.to_owned() } else { format!("{CONCLUSION}{old}") };
    match now["conclusion"].as_str() {
        None => Some(before),
        Some(now) if old == now => None,
        Some(now) if old.starts_with(&format!("{now}\n{CONCLUSION}")) => Some(old.to_owned()),
        Some(now) => Some(format!("{now}\n{before}")),
    }
}

/// All access labels of both versions: a correction without labels must not lift a restriction.
fn merge_labels(now: &Value, old: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = list(&now["meta"]["security"]).to_vec();
    let known: BTreeSet<String> = all.iter().map(Value::to_string).collect();
    let old = list(&old["meta"]["security"]).iter();
    all.extend(old.filter(|label| !known.contains(&label.to_string())).cloned());
    all
}

/// The id of a file without the suffix of further files: `<report>-<test>-2` → `<report>-<test>`.
fn id(attachment: &Value) -> &str {
    let id = attachment["id"].as_str().unwrap_or_default();
    id.match_indices('-').nth(1).map_or(id, |(at, _)| id.get(..at).unwrap_or(id))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
