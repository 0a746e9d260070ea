//! Removes items that their source labels as confidential or that the law bars from sharing, for every reader (see
//! `services/consent/ACCESS.md`). It never discloses more than their number, and that only if `is_disclosed` allows it.

mod codes;

use std::collections::{BTreeMap, HashSet};

use lcr_fhir::{Item, read};
use lcr_model::Dataset;
use serde_json::Value;

use super::{
    resource_type::{ResourceType, dataset_of},
    source_answer::SourceAnswer,
};

/// Why an item is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitivity {
    /// Confidentiality R or V, which does not reveal the topic.
    Confidential,
    /// A label that reveals the topic, such as psychiatry, HIV or violence, or an unknown label.
    Sensitive,
    /// Barred by law for every reader: fertility treatment (HFE Act 1990 s33A), gender recognition (Gender Recognition
    /// Act 2004 s22), sexually transmitted disease (NHS Venereal Diseases Regulations 1974).
    Barred,
}

/// Whether a reader may learn that an item of the dataset was removed. A list of allergies or medications with a gap
/// must not seem complete.
pub fn is_disclosed(sensitivity: Sensitivity, dataset: Dataset) -> bool {
    match sensitivity {
        Sensitivity::Confidential => true,
        Sensitivity::Sensitive => matches!(dataset, Dataset::Allergies | Dataset::Medications),
        Sensitivity::Barred => false,
    }
}

/// The strictest sensitivity of any label or code in the item, contained resources included. `None` for an ordinary
/// item.
pub fn classify(resource_type: ResourceType, value: &Value) -> Option<Sensitivity> {
    // A label on a Patient restricts the person, not the item.
    if resource_type == ResourceType::Patient {
        return None;
    }
    let mut strictest = None;
    find_strictest(value, &mut strictest);
    strictest
}

fn find_strictest(value: &Value, strictest: &mut Option<Sensitivity>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| find_strictest(one, strictest)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "meta" => raise_to(strictest, strictest_label(read::list(field, "security"))),
                    "securityLabel" => {
                        let concepts = field.as_array().map_or(&[][..], Vec::as_slice);
                        raise_to(
                            strictest,
                            concepts.iter().filter_map(|one| strictest_label(read::list(one, "coding"))).max(),
                        );
                    }
                    "coding" => {
                        raise_to(strictest, codes::has_barred_code(field).then_some(Sensitivity::Barred));
                    }
                    _ => find_strictest(field, strictest),
                }
            }
        }
        _ => {}
    }
}

fn raise_to(strictest: &mut Option<Sensitivity>, found: Option<Sensitivity>) {
    *strictest = (*strictest).max(found);
}

fn strictest_label(codings: &[Value]) -> Option<Sensitivity> {
    codings.iter().filter_map(|coding| classify_label(read::str_at(coding, "code")?)).max()
}

/// The sensitivity of a label from HL7 v3 Confidentiality and `ActCode`. An unknown label is sensitive.
fn classify_label(code: &str) -> Option<Sensitivity> {
    /// Ordinary confidentiality, test data, permitted uses, and "not for the patient".
    const HARMLESS: [&str; 8] = ["N", "U", "L", "M", "HTEST", "TREAT", "ETREAT", "NOPAT"];
    match code {
        code if HARMLESS.contains(&code) => None,
        "R" | "V" => Some(Sensitivity::Confidential),
        "STD" => Some(Sensitivity::Barred),
        _ => Some(Sensitivity::Sensitive),
    }
}

/// Removes sensitive items from the answers and counts those that may be disclosed. The results of a removed report are
/// removed too, because they are its content.
pub fn remove_sensitive_items(answers: &mut [SourceAnswer]) {
    for answer in answers {
        let removed_results = results_of_sensitive_reports(answer);
        for (resource_type, type_answer) in &mut answer.types {
            let withheld = &mut type_answer.withheld;
            type_answer.items.retain(|item| {
                let of_report = || {
                    let is_result = *resource_type == ResourceType::Observation && removed_results.contains(item.id());
                    is_result.then_some(Sensitivity::Sensitive)
                };
                let Some(sensitivity) = classify(*resource_type, item.value()).or_else(of_report) else {
                    return true;
                };
                let dataset = dataset_of(*resource_type, item);
                if is_disclosed(sensitivity, dataset) {
                    *withheld.entry(dataset).or_default() += 1;
                }
                false
            });
        }
    }
}

/// The disclosed number of removed items by dataset.
pub type WithheldCounts = BTreeMap<Dataset, u32>;

fn results_of_sensitive_reports(answer: &SourceAnswer) -> HashSet<String> {
    let reports = answer.types.get(&ResourceType::DiagnosticReport).map_or(&[][..], |reports| &reports.items);
    let sensitive = reports.iter().filter(|report| classify(ResourceType::DiagnosticReport, report.value()).is_some());
    sensitive.flat_map(result_ids).collect()
}

fn result_ids(report: &Item) -> Vec<String> {
    let references = read::list(report.value(), "result").iter();
    let references = references.filter_map(|one| read::str_at(one, "reference"));
    let plain = references.map(|text| text.split("/_history").next().unwrap_or(text));
    plain.filter_map(|text| text.rsplit('/').next().map(str::to_owned)).collect()
}

#[cfg(test)]
#[path = "sensitivity_tests.rs"]
mod tests;
