//! Who shares what, from the registry. The page is the same for every person, and must not reveal that a discreet
//! service exists.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::{
    registry::{DatasetSwitch, Organisation, Registry},
    vocabulary::{OrganisationKind, SystemKind},
};
use lcr_model::Dataset;

use crate::{
    access_log::log_format::dataset_in_plain_english,
    layout::{
        format::{capitalise, join_with_and},
        table::{Cell, Row, Table, headings},
    },
};

/// The organisations that share, with their kinds of information.
pub fn sharing_table(registry: &Registry) -> Table {
    let mut shared: BTreeMap<&str, BTreeSet<Dataset>> = BTreeMap::new();
    for system in registry.systems.iter().filter(|system| !system.is_discreet()) {
        let on = system.datasets.iter().filter(|(_, switch)| **switch == DatasetSwitch::On);
        shared.entry(system.organisation.as_str()).or_default().extend(on.map(|(dataset, _)| *dataset));
    }
    // One GP system may serve many practices but belongs to one organisation.
    let practices = gp_system_datasets(registry);
    let datasets_of = |org: &Organisation| match shared.get(org.ods.as_str()) {
        None if org.kind == OrganisationKind::GpPractice => Some(practices.clone()),
        own => own.cloned(),
    };
    let mut sharing: Vec<(&Organisation, BTreeSet<Dataset>)> = registry
        .organisations
        .iter()
        .filter(|org| org.takes_part())
        .filter_map(|org| Some((org, datasets_of(org)?)))
        .filter(|(_, datasets)| !datasets.is_empty())
        .collect();
    sharing.sort_by_key(|(org, _)| (kind_text(&org.kind), org.name.clone()));
    let row = |(org, datasets): (&Organisation, BTreeSet<Dataset>)| {
        let words: Vec<String> = datasets.iter().map(|dataset| dataset_in_plain_english(*dataset).to_owned()).collect();
        Row {
            id: org.ods.to_string(),
            cells: vec![
                Cell::new(org.name.clone()),
                Cell::new(kind_text(&org.kind)),
                Cell::new(capitalise(&join_with_and(&words))),
            ],
        }
    };
    Table {
        caption: "Who shares what".into(),
        note: None,
        columns: headings(&["Who", "What kind of service", "What they share"]),
        rows: sharing.into_iter().map(row).collect(),
        empty: "The list cannot be shown right now. Try again in a minute.".into(),
    }
}

/// The kinds of information that GP systems share.
fn gp_system_datasets(registry: &Registry) -> BTreeSet<Dataset> {
    let systems = registry.systems.iter().filter(|system| system.kind == SystemKind::Gp && !system.is_discreet());
    let on = systems.flat_map(|system| &system.datasets).filter(|(_, switch)| **switch == DatasetSwitch::On);
    on.map(|(dataset, _)| *dataset).collect()
}

fn kind_text(kind: &OrganisationKind) -> String {
    match kind {
        OrganisationKind::GpPractice => "GP practice".into(),
        OrganisationKind::Acute => "Hospital".into(),
        OrganisationKind::Authority => "National register of names and addresses".into(),
        other => capitalise(&other.as_str().replace('-', " ")),
    }
}

#[cfg(test)]
#[path = "sharing_tests.rs"]
mod tests;
