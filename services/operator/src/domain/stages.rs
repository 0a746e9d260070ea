//! Converts the staged switch-on of a resource to that of the registry, and back. A stage must never open more than the
//! resource says: of two stages for the same dataset, unit and receiver the earlier one counts.

use std::collections::BTreeSet;

use lcr_contracts::{
    partners::system::SwitchStep,
    registry::{DatasetSwitch, Stage, StageRule, Stages, System},
};
use lcr_model::{Dataset, OdsCode, SourceId, UserId};

use crate::crd::{PartnerSystemSpec, StageSpec};

/// What stands for sign-off and user view in a resource of the portal, which stores both itself.
const RECORDED_IN_PORTAL: &str = "recorded in the portal";

/// The switch-on of a resource. Empty if the resource has no stages: then identity keeps those that it has.
pub fn to_stages(spec: &PartnerSystemSpec) -> Stages {
    let mut stages = Stages {
        testers: spec.testers.iter().map(UserId::new).collect(),
        pilots: spec.pilots.iter().map(OdsCode::new).collect(),
        ..Stages::default()
    };
    for one in &spec.stages {
        let rule = to_rule(one);
        let is_earlier = |other: &StageRule| is_same_place(other, &rule) && other.stage < rule.stage;
        if !stages.rules.iter().any(is_earlier) {
            stages.set(rule);
        }
    }
    stages
}

fn to_rule(spec: &StageSpec) -> StageRule {
    StageRule {
        dataset: spec.dataset,
        unit: spec.unit.as_ref().map(OdsCode::new),
        receiver: spec.receiver.as_ref().map(OdsCode::new),
        stage: spec.stage,
    }
}

fn is_same_place(one: &StageRule, other: &StageRule) -> bool {
    (one.dataset, &one.unit, &one.receiver) == (other.dataset, &other.unit, &other.receiver)
}

/// The sign-offs of a resource's stages, for the notices to those whom they reach.
pub fn sign_offs(spec: &PartnerSystemSpec, system: &SourceId) -> Vec<SwitchStep> {
    let step = |one: &StageSpec| SwitchStep {
        system: system.clone(),
        rule: to_rule(one),
        signed_off_by: one.signed_off_by.clone().unwrap_or_default(),
        user_view: one.user_view.clone().unwrap_or_default(),
    };
    spec.stages.iter().map(step).collect()
}

/// The stages of a row, in the form of a resource. Datasets without a stage are on for everybody, and the definition asks
/// that a resource with stages says so.
pub fn to_specs(system: &System) -> Vec<StageSpec> {
    let rules = &system.setup.stages.rules;
    if rules.is_empty() {
        return vec![];
    }
    let is_staged = |dataset: Dataset| {
        rules.iter().any(|rule| rule.dataset == dataset && rule.unit.is_none() && rule.receiver.is_none())
    };
    let agreed = system.datasets.iter().filter(|(_, switch)| **switch == DatasetSwitch::On);
    let unstaged = agreed.map(|(dataset, _)| *dataset).filter(|dataset| !is_staged(*dataset));
    let on = unstaged.map(|dataset| StageRule { dataset, unit: None, receiver: None, stage: Stage::On });
    rules.iter().cloned().chain(on).map(|rule| to_spec(&rule)).collect()
}

fn to_spec(rule: &StageRule) -> StageSpec {
    StageSpec {
        dataset: rule.dataset,
        unit: rule.unit.as_ref().map(ToString::to_string),
        receiver: rule.receiver.as_ref().map(ToString::to_string),
        stage: rule.stage,
        signed_off_by: (rule.stage != Stage::Off).then(|| RECORDED_IN_PORTAL.to_owned()),
        user_view: (rule.stage == Stage::On).then(|| RECORDED_IN_PORTAL.to_owned()),
    }
}

/// The testers of a row. A resource without stages has none, since they decide nothing.
pub fn to_testers(stages: &Stages) -> Vec<String> {
    if stages.rules.is_empty() { vec![] } else { stages.testers.iter().map(ToString::to_string).collect() }
}

/// The pilots of a row, likewise.
pub fn to_pilots(stages: &Stages) -> Vec<String> {
    if stages.rules.is_empty() { vec![] } else { stages.pilots.iter().map(ToString::to_string).collect() }
}

/// The agreed datasets that not everybody sees yet, because a stage holds them back from some receiver or unit.
pub fn held_back(spec: &PartnerSystemSpec) -> BTreeSet<Dataset> {
    let later = |one: &&StageSpec| one.stage != Stage::On && spec.datasets.contains(&one.dataset);
    spec.stages.iter().filter(later).map(|one| one.dataset).collect()
}

#[cfg(test)]
#[path = "stages_tests.rs"]
mod tests;
