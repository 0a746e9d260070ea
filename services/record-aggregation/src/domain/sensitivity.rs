//! Items that their source labels as confidential, or that a law bars from being passed on: withheld from everybody here,
//! before any door sees them. The rules by role and relationship come with the caring relationships; until then no is the
//! answer (access.md, "Kinds of protection"). Nothing here says of an item more than that there is one, and that only
//! where the table allows it.

mod codes;

use std::collections::{BTreeMap, HashSet};

use lcr_fhir::{Item, read};
use lcr_model::Dataset;
use serde_json::Value;

use super::{
    answer::SourceAnswer,
    kind::{Kind, dataset_of},
};

/// Why an item is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Confidentiality R or V, which says nothing of what the item is about.
    Confidential,
    /// A label that says what it is about (psychiatry, substance misuse, HIV, sexual health, violence), or one we do not
    /// know.
    Sensitive,
    /// Barred by law whoever asks: fertility treatment (HFE Act 1990 s33A), gender recognition (Gender Recognition Act 2004
    /// s22), sexually transmitted disease (NHS Venereal Diseases Regulations 1974).
    Barred,
}

/// Whether a reader is told that an item of the dataset is withheld. What it is about is never told, nor its source's words.
/// A list of allergies or medicines that lacks one must not read as whole; a bar is told to nobody.
pub fn is_told(class: Class, dataset: Dataset) -> bool {
    match class {
        Class::Confidential => true,
        Class::Sensitive => matches!(dataset, Dataset::Allergies | Dataset::Medications),
        Class::Barred => false,
    }
}

/// Why an item is withheld; `None` for the most of them. A label or a code anywhere in it counts, also in what it contains.
pub fn class_of(kind: Kind, value: &Value) -> Option<Class> {
    // The person's own restriction is the authority's word on the person, and no label of an item.
    if kind == Kind::Patient {
        return None;
    }
    let mut worst = None;
    walk(value, &mut worst);
    worst
}

fn walk(value: &Value, worst: &mut Option<Class>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| walk(one, worst)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "meta" => raise(worst, labels(read::list(field, "security"))),
                    "securityLabel" => {
                        let concepts = field.as_array().map_or(&[][..], Vec::as_slice);
                        raise(
                            worst,
                            concepts.iter().filter_map(|one| labels(read::list(one, "coding"))).max(),
                        );
                    }
                    "coding" => raise(worst, codes::barred(field).then_some(Class::Barred)),
                    _ => walk(field, worst),
                }
            }
        }
        _ => {}
    }
}

fn raise(worst: &mut Option<Class>, found: Option<Class>) {
    *worst = (*worst).max(found);
}

fn labels(codings: &[Value]) -> Option<Class> {
    codings.iter().filter_map(|coding| label(read::str_at(coding, "code")?)).max()
}

/// A label of HL7's v3 Confidentiality and `ActCode`. What we do not know is heeded as sensitive.
fn label(code: &str) -> Option<Class> {
    /// Ordinary confidentiality, what is said of test data, what a receiver may do, and who must not be told but the staff.
    const HARMLESS: [&str; 8] = ["N", "U", "L", "M", "HTEST", "TREAT", "ETREAT", "NOPAT"];
    match code {
        code if HARMLESS.contains(&code) => None,
        "R" | "V" => Some(Class::Confidential),
        "STD" => Some(Class::Barred),
        _ => Some(Class::Sensitive),
    }
}

/// Takes what is withheld out of the answers, and counts what may be told of. Results that a withheld report names go with
/// it: they are its content.
pub fn withhold(answers: &mut [SourceAnswer]) {
    for answer in answers {
        let with_reports = results_of_withheld_reports(answer);
        for (kind, of_type) in &mut answer.types {
            let told = &mut of_type.withheld;
            of_type.items.retain(|item| {
                let of_report = || {
                    let named = *kind == Kind::Observation && with_reports.contains(item.id());
                    named.then_some(Class::Sensitive)
                };
                let Some(class) = class_of(*kind, item.value()).or_else(of_report) else { return true };
                let dataset = dataset_of(*kind, item);
                if is_told(class, dataset) {
                    *told.entry(dataset).or_default() += 1;
                }
                false
            });
        }
    }
}

/// How many of each dataset are withheld and told of.
pub type Withheld = BTreeMap<Dataset, u32>;

fn results_of_withheld_reports(answer: &SourceAnswer) -> HashSet<String> {
    let reports = answer.types.get(&Kind::DiagnosticReport).map_or(&[][..], |of_type| &of_type.items);
    let withheld = reports.iter().filter(|report| class_of(Kind::DiagnosticReport, report.value()).is_some());
    withheld.flat_map(results_of).collect()
}

fn results_of(report: &Item) -> Vec<String> {
    let references = read::list(report.value(), "result").iter();
    let references = references.filter_map(|one| read::str_at(one, "reference"));
    let plain = references.map(|text| text.split("/_history").next().unwrap_or(text));
    plain.filter_map(|text| text.rsplit('/').next().map(str::to_owned)).collect()
}

#[cfg(test)]
#[path = "sensitivity_tests.rs"]
mod tests;
