//! The searches of each dataset by patient, and what came back. A resource about another patient must fail the search.

use std::collections::{BTreeMap, BTreeSet};

use lcr_fhir::{Item, Searchset};
use lcr_model::Dataset;

use crate::{
    must_have,
    report::{Report, must_have_name, search_name},
    resource_types,
    source::{SearchError, Source},
    time::ZoneCount,
};

/// What came of the searches for one type.
pub enum TypeAnswer {
    NotOffered,
    Failed(String),
    Found {
        items: Vec<Item>,
        /// Resources that are not valid FHIR R4.
        unreadable: usize,
    },
}

impl TypeAnswer {
    /// The list of people is the search for demographics.
    pub fn of_people(people: Searchset) -> Self {
        Self::Found { unreadable: people.unreadable.len(), items: people.items }
    }
}

/// Searches the types of all datasets, each once.
pub async fn check(
    source: &Source,
    (datasets, offered, patients): (&BTreeSet<Dataset>, &BTreeSet<String>, &[String]),
    people: TypeAnswer,
    (report, zones): (&mut Report, &mut ZoneCount),
) {
    let mut answers = BTreeMap::from([("Patient", people)]);
    for dataset in datasets {
        for &resource_type in resource_types::of(*dataset) {
            if !answers.contains_key(resource_type) {
                let answer = search_type(source, resource_type, offered, (patients, &mut *zones)).await;
                answers.insert(resource_type, answer);
            }
        }
        let of_dataset: Vec<(&str, &TypeAnswer)> =
            resource_types::of(*dataset).iter().filter_map(|name| Some((*name, answers.get(name)?))).collect();
        report_search(*dataset, &of_dataset, report);
        report_must_have(*dataset, &of_dataset, report);
    }
}

/// Searches one type about one person after the other, until somebody has such a resource.
async fn search_type(
    source: &Source,
    resource_type: &str,
    offered: &BTreeSet<String>,
    (patients, zones): (&[String], &mut ZoneCount),
) -> TypeAnswer {
    let mut unreadable = 0;
    for patient in patients {
        let query = [("patient", patient.as_str()), ("_count", "20")];
        let found = match source.search(resource_type, &query).await {
            Ok(found) => found,
            Err(SearchError::Status(400 | 404 | 405 | 501)) if !offered.contains(resource_type) => {
                return TypeAnswer::NotOffered;
            }
            Err(error) => return TypeAnswer::Failed(format!("GET {resource_type}?patient=… {error}.")),
        };
        zones.add(found.without_zone);
        let others = found.page.items.iter().filter(|item| !item.is_about(patient)).count();
        if others > 0 {
            let text = format!(
                "GET {resource_type}?patient=… was answered with {others} resources that do not name that patient."
            );
            return TypeAnswer::Failed(format!("{text} We would show nothing of this source."));
        }
        unreadable += found.page.unreadable.len();
        if !found.page.items.is_empty() {
            return TypeAnswer::Found { items: found.page.items, unreadable };
        }
    }
    TypeAnswer::Found { items: vec![], unreadable }
}

fn report_search(dataset: Dataset, answers: &[(&str, &TypeAnswer)], report: &mut Report) {
    let name = search_name(dataset);
    let failures: Vec<&str> = answers
        .iter()
        .filter_map(|(_, answer)| match answer {
            TypeAnswer::Failed(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let answering: Vec<&str> = answers
        .iter()
        .filter(|(_, answer)| matches!(answer, TypeAnswer::Found { .. }))
        .map(|(resource_type, _)| *resource_type)
        .collect();
    if !failures.is_empty() {
        report.failed(&name, failures.join(" "));
    } else if answering.is_empty() {
        let types: Vec<&str> = answers.iter().map(|(resource_type, _)| *resource_type).collect();
        report.failed(&name, format!("The source offers no search of {} by patient.", types.join(" or ")));
    } else {
        report.passed(&name, format!("The search of {} works.", answering.join(" and of ")));
    }
}

fn report_must_have(dataset: Dataset, answers: &[(&str, &TypeAnswer)], report: &mut Report) {
    let name = must_have_name(dataset);
    let (mut failures, mut warnings, mut found) = (vec![], vec![], 0);
    for (resource_type, answer) in answers {
        let TypeAnswer::Found { items, unreadable } = answer else { continue };
        found += items.len();
        if *unreadable > 0 {
            let all = items.len() + unreadable;
            failures
                .push(format!("{unreadable} of {all} {resource_type} are not valid FHIR R4 and would not be shown."));
        }
        let lacks = must_have::lacks(resource_type, items);
        failures.extend(lacks.required);
        warnings.extend(lacks.expected);
    }
    if !failures.is_empty() {
        report.failed(&name, failures.join(" "));
    } else if found == 0 {
        report
            .skipped(&name, "The people that we asked about have nothing of this kind. Load test data and run again.");
    } else if !warnings.is_empty() {
        report.warning(&name, warnings.join(" "));
    } else {
        report.passed(&name, format!("{found} resources have what UK Core requires."));
    }
}
