//! Tests of `new_datasets.rs`.

use lcr_contracts::registry::{DatasetSwitch, Stage, StageRule, Stages};
use lcr_model::OdsCode;
use proptest::{prelude::*, sample::subsequence};

use super::*;
use crate::systems::{
    draft::to_system,
    testing::{OWNER, RECEIVER, draft},
};

/// A row of the operator that gives these datasets and has no stages.
fn row(gives: &[Dataset]) -> System {
    let mut system = to_system(draft("gp"), OdsCode::new(OWNER), None, jiff::Timestamp::UNIX_EPOCH);
    (system.setup.live, system.setup.stages) = (true, Stages::default());
    for (dataset, switch) in &mut system.datasets {
        *switch = if gives.contains(dataset) { DatasetSwitch::On } else { DatasetSwitch::NotAgreed };
    }
    system
}

/// The row after the operator sends these datasets, each list after the one before. A list without any is a lapsed agreement.
fn after(stored: System, sent: &[&[Dataset]]) -> System {
    sent.iter().fold(stored, |stored, gives| after_one(&stored, gives, !gives.is_empty()))
}

/// The row after the operator sends these datasets, with the agreement in force or not.
fn after_one(stored: &System, gives: &[Dataset], is_signed: bool) -> System {
    let mut system = row(gives);
    system.setup.stages = stored.setup.stages.clone();
    switch_off_new(stored, &mut system, is_signed);
    system
}

fn stage(system: &System, dataset: Dataset) -> Stage {
    system.setup.stages.of(dataset, &OdsCode::new(RECEIVER))
}

#[test]
fn a_dataset_that_is_added_begins_switched_off_and_the_others_stay_on() {
    let both = [Dataset::Allergies, Dataset::Results];
    let system = after(row(&[Dataset::Allergies]), &[&both, &both]);
    assert_eq!((stage(&system, Dataset::Allergies), stage(&system, Dataset::Results)), (Stage::On, Stage::Off));
}

#[test]
fn a_dataset_that_was_taken_away_alone_comes_back_switched_off() {
    let (both, one) = ([Dataset::Allergies, Dataset::Results], [Dataset::Allergies]);
    let system = after(row(&both), &[&one, &both]);
    assert_eq!(stage(&system, Dataset::Results), Stage::Off);
}

#[test]
fn a_renewed_agreement_brings_back_the_stages_of_before() {
    let both = [Dataset::Allergies, Dataset::Results];
    let mut stored = row(&both);
    let pilot = StageRule { dataset: Dataset::Results, unit: None, receiver: None, stage: Stage::PilotTeams };
    stored.setup.stages.set(pilot);
    let with_new = [Dataset::Allergies, Dataset::Results, Dataset::Documents];
    let system = after(stored, &[&[], &[], &with_new]);
    let stages = with_new.map(|dataset| stage(&system, dataset));
    assert_eq!(stages, [Stage::On, Stage::PilotTeams, Stage::Off]);
    assert!(system.setup.lapsed.is_empty());
}

#[test]
fn what_was_taken_away_under_an_agreement_in_force_comes_back_switched_off() {
    let both = [Dataset::Allergies, Dataset::Results];
    let without = after_one(&row(&both), &[], true);
    assert!(without.setup.lapsed.is_empty());
    let system = after_one(&without, &both, true);
    assert_eq!(both.map(|dataset| stage(&system, dataset)), [Stage::Off; 2]);
    let lapsed = after(row(&both), &[&[]]);
    let emptied = after_one(&lapsed, &[], true);
    let system = after_one(&emptied, &both, true);
    assert_eq!(both.map(|dataset| stage(&system, dataset)), [Stage::Off; 2], "renewed first, then taken away");
}

#[test]
fn a_resource_that_states_its_stages_decides_itself() {
    let mut system = row(&[Dataset::Results]);
    system.setup.stages_by_operator = true;
    switch_off_new(&row(&[]), &mut system, true);
    assert_eq!(stage(&system, Dataset::Results), Stage::On);
}

fn any_datasets() -> impl Strategy<Value = Vec<Dataset>> {
    subsequence(Dataset::ALL.to_vec(), 0..=Dataset::ALL.len())
}

proptest! {
    /// whatever comes and goes, a dataset is on only if it was on at the start.
    #[test]
    fn nothing_is_ever_on_that_was_not_on_at_the_start(
        first in any_datasets(), second in any_datasets(), third in any_datasets()
    ) {
        let system = after(row(&first), &[second.as_slice(), third.as_slice()]);
        for dataset in agreed(&system) {
            prop_assert!(first.contains(&dataset) || stage(&system, dataset) == Stage::Off);
        }
    }
}
