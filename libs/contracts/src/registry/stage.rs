//! Staged switch-on: who sees a dataset of a source, while it is tried. It only ever narrows what is agreed:
//! without a rule an agreed dataset is on for everybody. Pure.

use std::collections::BTreeSet;

use lcr_model::{Actor, Dataset, OdsCode, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who sees a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Nobody.
    Off,
    /// The named people who check that the data is safe to show.
    SafetyTesters,
    /// The safety testers, and the staff of the pilot organisations.
    PilotTeams,
    /// Everybody whom the policies permit.
    On,
}

impl Stage {
    /// The next stage on the way to everybody.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Off => Some(Self::SafetyTesters),
            Self::SafetyTesters => Some(Self::PilotTeams),
            Self::PilotTeams => Some(Self::On),
            Self::On => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::SafetyTesters => "safety-testers",
            Self::PilotTeams => "pilot-teams",
            Self::On => "on",
        }
    }
}

/// The stage of one dataset, or of one unit of it, for one receiving organisation or for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageRule {
    pub dataset: Dataset,
    /// The ODS code of the unit of a shared system, such as one practice of many. `None`: the whole source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<OdsCode>,
    /// The organisation that reads. `None`: every organisation without a rule of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<OdsCode>,
    pub stage: Stage,
}

impl StageRule {
    /// Whether this rule is for a part of what the other one is for: one unit of it, or one of its receivers.
    fn is_narrower_than(&self, other: &Self) -> bool {
        let within = |own: &Option<OdsCode>, wider: &Option<OdsCode>| wider.is_none() || own == wider;
        self.dataset == other.dataset
            && within(&self.unit, &other.unit)
            && within(&self.receiver, &other.receiver)
            && (&self.unit, &self.receiver) != (&other.unit, &other.receiver)
    }
}

/// A dataset that a receiving organisation does not want to see yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Declined {
    pub receiver: OdsCode,
    pub dataset: Dataset,
}

/// The switch-on of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stages {
    /// The users who check the data.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub testers: BTreeSet<UserId>,
    /// The organisations and teams of the pilot.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub pilots: BTreeSet<OdsCode>,
    /// At most one rule for a dataset, unit and receiver.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<StageRule>,
    /// What receiving organisations have declined.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub declined: BTreeSet<Declined>,
}

impl Stages {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Sets a rule in place of the one for the same dataset, unit and receiver.
    pub fn set(&mut self, rule: StageRule) {
        self.rules.retain(|old| (old.dataset, &old.unit, &old.receiver) != (rule.dataset, &rule.unit, &rule.receiver));
        self.rules.push(rule);
        self.rules.sort_by(|a, b| (a.dataset, &a.unit, &a.receiver).cmp(&(b.dataset, &b.unit, &b.receiver)));
    }

    /// The stage that holds at the place of a rule: its own, else the one for all receivers, else on.
    pub fn current(&self, place: &StageRule) -> Stage {
        let at = |receiver: Option<&OdsCode>| self.own_rule(place.dataset, place.unit.as_ref(), receiver);
        at(place.receiver.as_ref()).or_else(|| at(None)).unwrap_or(Stage::On)
    }

    /// Takes a step. A step back also takes every narrower rule back to its stage, so that afterwards nobody whom the rule
    /// reaches sees more. Returns the narrower rules that it changed, each with its stage before.
    pub fn step(&mut self, rule: StageRule) -> Vec<(StageRule, Stage)> {
        let mut capped = Vec::new();
        if rule.stage < self.current(&rule) {
            for narrower in self.rules.iter_mut().filter(|one| one.is_narrower_than(&rule) && one.stage > rule.stage) {
                let before = std::mem::replace(&mut narrower.stage, rule.stage);
                capped.push((narrower.clone(), before));
            }
        }
        self.set(rule);
        capped
    }

    /// The stage of a dataset for a receiving organisation: its own rule, else the rule for all, else on.
    pub fn of(&self, dataset: Dataset, receiver: &OdsCode) -> Stage {
        if self.is_declined(dataset, receiver) {
            return Stage::Off;
        }
        self.rule(dataset, None, receiver).unwrap_or(Stage::On)
    }

    /// Whether this receiving organisation has declined the dataset.
    pub fn is_declined(&self, dataset: Dataset, receiver: &OdsCode) -> bool {
        self.declined.contains(&Declined { receiver: receiver.clone(), dataset })
    }

    /// Whether the dataset is open to this reader, as far as the switch-on decides.
    pub fn is_open_to(&self, dataset: Dataset, reader: &Actor) -> bool {
        self.admits(self.of(dataset, &reader.org), reader)
    }

    /// The units of the dataset that are closed to this reader, if the dataset itself is open to them.
    pub fn closed_units(&self, dataset: Dataset, reader: &Actor) -> BTreeSet<OdsCode> {
        let units = self.rules.iter().filter(|rule| rule.dataset == dataset).filter_map(|rule| rule.unit.as_ref());
        let is_closed = |unit: &&OdsCode| {
            self.rule(dataset, Some(unit), &reader.org).is_some_and(|stage| !self.admits(stage, reader))
        };
        units.filter(is_closed).cloned().collect()
    }

    fn rule(&self, dataset: Dataset, unit: Option<&OdsCode>, receiver: &OdsCode) -> Option<Stage> {
        self.own_rule(dataset, unit, Some(receiver)).or_else(|| self.own_rule(dataset, unit, None))
    }

    /// The stage of the rule for exactly this dataset, unit and receiver.
    fn own_rule(&self, dataset: Dataset, unit: Option<&OdsCode>, receiver: Option<&OdsCode>) -> Option<Stage> {
        let is_it =
            |rule: &&StageRule| (rule.dataset, rule.unit.as_ref(), rule.receiver.as_ref()) == (dataset, unit, receiver);
        self.rules.iter().find(is_it).map(|rule| rule.stage)
    }

    fn admits(&self, stage: Stage, reader: &Actor) -> bool {
        match stage {
            Stage::Off => false,
            Stage::SafetyTesters => self.testers.contains(&reader.user),
            Stage::PilotTeams => self.testers.contains(&reader.user) || self.pilots.contains(&reader.org),
            Stage::On => true,
        }
    }
}

#[cfg(test)]
#[path = "stage_tests.rs"]
mod tests;
