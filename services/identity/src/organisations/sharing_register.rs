//! The public register: who shares what with whom, for which purpose, since when (S-74). Pure. It must never name a discreet
//! service, a system of one, or a dataset that only such a system gives.

use std::collections::BTreeMap;

use jiff::civil::Date;
use lcr_contracts::{
    partners::organisation::DataFlowSchedule,
    partners::sharing_register::{RegisterEntry, SharedDataset, SharingRegister},
    registry::{DatasetSwitch, Organisation, Registry, Stage, System},
};
use lcr_model::{Dataset, OdsCode};

/// The lawful basis of the agreement, for organisations whose own schedule is on paper.
const LAWFUL_BASIS: &str = "UK GDPR 6(1)(e) and 9(2)(h)";
const PURPOSE: &str = "direct care";

/// What the register needs of an organisation's agreement.
#[derive(Debug, Clone, Default)]
pub struct SignedAgreement {
    /// When it first signed here.
    pub since: Option<Date>,
    /// When it stopped taking part by its state: it is suspended or has left.
    pub stopped: Option<Date>,
    /// The schedule in force, or the last one.
    pub schedule: Option<DataFlowSchedule>,
}

/// The register. `agreements` has those that were signed here.
pub fn build(registry: &Registry, agreements: &BTreeMap<OdsCode, SignedAgreement>, version: &str) -> SharingRegister {
    let has_signed = |row: &&Organisation| row.agreement_signed || agreements.contains_key(&row.ods);
    let entries = registry.nameable().filter(has_signed).map(|row| entry(registry, row, agreements.get(&row.ods)));
    let mut partners: Vec<RegisterEntry> = entries.collect();
    partners.sort_by(|a, b| (&a.name, &a.ods).cmp(&(&b.name, &b.ods)));
    SharingRegister { agreement_version: version.to_owned(), partners }
}

fn entry(registry: &Registry, row: &Organisation, agreement: Option<&SignedAgreement>) -> RegisterEntry {
    let schedule = agreement.and_then(|agreement| agreement.schedule.as_ref());
    RegisterEntry {
        ods: row.ods.clone(),
        name: row.name.clone(),
        kind: row.kind.to_string(),
        purpose: PURPOSE.to_owned(),
        lawful_basis: schedule.map_or(LAWFUL_BASIS, |schedule| schedule.lawful_basis.as_str()).to_owned(),
        since: agreement.and_then(|agreement| if row.takes_part() { agreement.since } else { agreement.stopped }),
        takes_part: row.takes_part(),
        gives: if row.takes_part() { given(registry, row) } else { vec![] },
        receives: schedule.map(|schedule| schedule.receives.iter().copied().collect()),
    }
}

/// The datasets that the organisation's systems give, without discreet systems.
fn given(registry: &Registry, row: &Organisation) -> Vec<SharedDataset> {
    let is_meant = |system: &&System| system.organisation == row.ods && !system.is_discreet() && !system.setup.removed;
    let systems: Vec<&System> = registry.systems.iter().filter(is_meant).collect();
    let mut shared = Vec::new();
    for dataset in Dataset::ALL.iter().copied() {
        let gives = |system: &&&System| system.datasets.get(&dataset) == Some(&DatasetSwitch::On);
        let giving: Vec<&System> = systems.iter().filter(gives).copied().collect();
        if !giving.is_empty() {
            let mut names: Vec<String> = giving.iter().map(|system| system.name.clone()).collect();
            names.sort();
            let stage = stage(&giving, dataset).as_str().to_owned();
            shared.push(SharedDataset { dataset, systems: names, stage });
        }
    }
    shared
}

/// On if every receiver sees the dataset of every system; else the widest stage short of it.
fn stage(giving: &[&System], dataset: Dataset) -> Stage {
    let stages: Vec<Stage> = giving.iter().flat_map(|system| stages_of(system, dataset)).collect();
    if stages.iter().all(|stage| *stage == Stage::On) {
        return Stage::On;
    }
    // Some receivers see it and others do not: that is a pilot.
    stages.into_iter().max().unwrap_or(Stage::Off).min(Stage::PilotTeams)
}

/// The stages of a dataset of one system, for all receivers and units.
fn stages_of(system: &System, dataset: Dataset) -> Vec<Stage> {
    if system.is_stopped() {
        return vec![Stage::Off];
    }
    let stages = &system.setup.stages;
    let rules = stages.rules.iter().filter(|rule| rule.dataset == dataset);
    let has_base_rule = rules.clone().any(|rule| rule.unit.is_none() && rule.receiver.is_none());
    let base = (!has_base_rule).then_some(Stage::On);
    let declined = stages.declined.iter().any(|declined| declined.dataset == dataset).then_some(Stage::Off);
    rules.map(|rule| rule.stage).chain(base).chain(declined).collect()
}

#[cfg(test)]
#[path = "sharing_register_tests.rs"]
mod tests;
