//! Removes items whose labels the reader's permit does not open, and items that the law bars from sharing, for every reader
//! (see `services/consent/ACCESS.md`). It must never disclose more than their number, and that only if `is_disclosed`
//! allows it. Which labels a permit opens is consent's policy.

mod codes;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lcr_model::{Dataset, Label};
use serde_json::Value;

use super::{
    resource_type::{ResourceType, dataset_of},
    source_answer::SourceAnswer,
};

/// Whether a reader may learn that an item of the dataset was removed for these labels. A list of allergies or medications
/// with a gap must not seem complete. Confidentiality R and V do not reveal the topic; other labels do.
pub fn is_disclosed(withheld_for: &BTreeSet<Label>, dataset: Dataset) -> bool {
    let tells_no_topic = |label: &Label| matches!(label, Label::Restricted | Label::VeryRestricted);
    if withheld_for.contains(&Label::Barred) {
        return false;
    }
    withheld_for.iter().all(tells_no_topic) || matches!(dataset, Dataset::Allergies | Dataset::Medications)
}

/// All labels of the item, contained resources and barred codes included. Empty for an ordinary item.
pub fn labels_of(resource_type: ResourceType, value: &Value) -> BTreeSet<Label> {
    let mut labels = BTreeSet::new();
    // A label on a Patient restricts the person, not the item.
    if resource_type != ResourceType::Patient {
        collect_labels(value, &mut labels);
    }
    labels
}

fn collect_labels(value: &Value, labels: &mut BTreeSet<Label>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| collect_labels(one, labels)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "meta" => labels.extend(one_or_many(field.get("security")).iter().filter_map(codes::meaning_of)),
                    "securityLabel" => labels.extend(one_or_many(Some(field)).iter().flat_map(meanings)),
                    "coding" => labels.extend(codes::has_barred_code(field).then_some(Label::Barred)),
                    _ => collect_labels(field, labels),
                }
            }
        }
        _ => {}
    }
}

/// What a label of a document means. Words without a coding are unknown, because a label must never count as absent.
fn meanings(label: &Value) -> BTreeSet<Label> {
    match one_or_many(label.get("coding")) {
        [] => BTreeSet::from([Label::Unknown]),
        codings => codings.iter().filter_map(codes::meaning_of).collect(),
    }
}

/// The values of a list. A value that is no list counts as one.
fn one_or_many(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(all)) => all,
        Some(one) => std::slice::from_ref(one),
    }
}

/// Those labels that keep the item from a reader who sees past the labels for which `opens` is true. A barred or unknown label
/// is never open.
fn withheld_for(labels: BTreeSet<Label>, opens: impl Fn(&Label) -> bool) -> BTreeSet<Label> {
    let is_open = |label: &Label| opens(label) && !matches!(label, Label::Barred | Label::Unknown | Label::Other(_));
    labels.into_iter().filter(|label| !is_open(label)).collect()
}

/// Removes the items with a label that is not open in their dataset, and counts those that may be disclosed. The results of a
/// labelled report have its labels, because they are its content.
pub fn remove_labelled_items(answers: &mut [SourceAnswer], opens: impl Fn(Dataset, &Label) -> bool) {
    for answer in answers {
        let of_reports = labels_of_results(answer);
        for (resource_type, type_answer) in &mut answer.types {
            let withheld = &mut type_answer.withheld;
            type_answer.items.retain(|item| {
                let mut labels = item.labels(*resource_type);
                let of_report = of_reports.get(item.id()).filter(|_| *resource_type == ResourceType::Observation);
                if let Some(of_report) = of_report {
                    labels.to_mut().extend(of_report.iter().cloned());
                }
                if labels.is_empty() {
                    return true;
                }
                let dataset = dataset_of(*resource_type, item);
                let withheld_for = withheld_for(labels.into_owned(), |label| opens(dataset, label));
                if withheld_for.is_empty() {
                    return true;
                }
                if is_disclosed(&withheld_for, dataset) {
                    *withheld.entry(dataset).or_default() += 1;
                }
                false
            });
        }
    }
}

/// The disclosed number of removed items by dataset.
pub type WithheldCounts = BTreeMap<Dataset, u32>;

/// The labels of labelled reports, by the id of each result that they refer to.
fn labels_of_results(answer: &SourceAnswer) -> HashMap<String, BTreeSet<Label>> {
    let reports = answer.types.get(&ResourceType::DiagnosticReport).map_or(&[][..], |reports| &reports.items);
    let mut of_results: HashMap<String, BTreeSet<Label>> = HashMap::new();
    for report in reports {
        let labels = report.labels(ResourceType::DiagnosticReport);
        if !labels.is_empty() {
            for id in report.relations().result_ids() {
                of_results.entry(id.to_owned()).or_default().extend(labels.iter().cloned());
            }
        }
    }
    of_results
}

#[cfg(test)]
#[path = "sensitivity_tests.rs"]
mod tests;
