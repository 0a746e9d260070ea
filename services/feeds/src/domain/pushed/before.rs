//! What a report or document said before a correction, marked as that. It never lets the old files and conclusion read
//! as current.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Part;
use crate::domain::files;

const CONCLUSION: &str = "Before the correction: ";
const FILE: &str = "From before the correction of ";

/// The report of now, with the files, the conclusion and the labels of before. `gone` are files that were withdrawn by
/// their status alone.
pub fn report(part: &Part, mut now: Value, old: &Value, gone: &BTreeSet<String>) -> Value {
    now["presentedForm"] = forms(part, &now["presentedForm"], old, gone);
    if let Some(conclusion) = conclusion(&now, old, part.correction().is_some()) {
        now["conclusion"] = json!(conclusion);
    }
    let labels = labels(&now, old);
    if !labels.is_empty() {
        now["meta"]["security"] = Value::Array(labels);
    }
    now
}

/// The ids of a report's files, as its corrections name them.
pub fn file_ids(report: &Value) -> BTreeSet<&str> {
    list(&report["presentedForm"]).iter().map(id).filter(|id| !id.is_empty()).collect()
}

/// A document's `content` as it was before it was corrected.
pub fn content(mut content: Value, day: &str) -> Value {
    for one in content.as_array_mut().into_iter().flatten() {
        let attachment = one["attachment"].take();
        one["attachment"] = marked(attachment, day);
    }
    content
}

fn forms(part: &Part, now: &Value, old: &Value, gone: &BTreeSet<String>) -> Value {
    let old = list(&old["presentedForm"]);
    let known: BTreeSet<&str> = old.iter().map(id).collect();
    // Final without a new value: the file that was sent before is it.
    let is_kept = |id: &str| part.keep_value.contains(id) && known.contains(id) && !gone.contains(id);
    let now: Vec<&Value> = list(now).iter().filter(|one| !is_kept(id(one))).collect();
    let told: BTreeSet<&str> = now.iter().map(|one| id(one)).filter(|id| !id.is_empty()).collect();
    let mut withdrawn = BTreeSet::new();
    let kept = old.iter().filter(|one| !told.contains(id(one))).filter_map(|one| {
        let id = id(one);
        if gone.contains(id) {
            let mut said = files::withdrawn("file");
            said["id"] = json!(id);
            return withdrawn.insert(id).then_some(said);
        }
        Some(match part.correction().filter(|_| !is_kept(id)) {
            Some(day) => marked(one.clone(), day),
            None => one.clone(),
        })
    });
    let kept: Vec<Value> = kept.collect();
    kept.into_iter().chain(now.into_iter().cloned()).collect()
}

/// A file under the day of the correction that it does not know of.
fn marked(mut attachment: Value, day: &str) -> Value {
    let title = attachment["title"].as_str().unwrap_or_default();
    let has_file = attachment.get("data").is_some() || attachment.get("url").is_some();
    if has_file && !title.starts_with(FILE) {
        let title = if title.is_empty() { String::new() } else { format!(": {title}") };
        attachment["title"] = json!(format!("{FILE}{day}{title}"));
    }
    attachment
}

/// `None` where the report of now has what counts, or nothing was corrected.
fn conclusion(now: &Value, old: &Value, is_correction: bool) -> Option<String> {
    let old = old["conclusion"].as_str().filter(|_| is_correction)?;
    let before = if old.starts_with(CONCLUSION) { old.to_owned() } else { format!("{CONCLUSION}{old}") };
    match now["conclusion"].as_str() {
        None => Some(before),
        Some(now) if old == now => None,
        Some(now) if old.starts_with(&format!("{now}\n{CONCLUSION}")) => Some(old.to_owned()),
        Some(now) => Some(format!("{now}\n{before}")),
    }
}

/// Who may look is said once: a correction that does not repeat it opens nothing.
fn labels(now: &Value, old: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = list(&now["meta"]["security"]).to_vec();
    let known: BTreeSet<String> = all.iter().map(Value::to_string).collect();
    let old = list(&old["meta"]["security"]).iter();
    all.extend(old.filter(|label| !known.contains(&label.to_string())).cloned());
    all
}

/// The id of a file, without the number of a further one under the same id: `<report>-<test>-2`.
fn id(attachment: &Value) -> &str {
    let id = attachment["id"].as_str().unwrap_or_default();
    id.match_indices('-').nth(1).map_or(id, |(at, _)| id.get(..at).unwrap_or(id))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
