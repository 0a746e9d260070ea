//! What is left to do at each point of the way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::date};
use lcr_contracts::{
    partners::{
        agreement::Signatory,
        organisation::{DataFlowSchedule, Duty},
        sign_in::{ClaimProfile, ProviderDraft},
        system::{Check, CheckOutcome, CheckReport, SystemDraft},
    },
    registry::{StageRule, Stages},
    vocabulary::SystemKind,
};
use lcr_model::{OdsCode, SourceId, UserId};

use super::*;
use crate::organisations::testing::{details, schedule};
use facts::{agreement, check, provider, states, system};

#[path = "tasks_tests/facts.rs"]
mod facts;

#[test]
fn a_new_organisation_has_everything_before_it() {
    use TaskState::{NotYet, Optional, ToDo};
    let (details, agreement) =
        (OrganisationDetails { contact: String::new(), ..details() }, agreement(None, false, false));
    let facts = TaskFacts {
        state: PartnerState::Draft,
        details: &details,
        agreement: &agreement,
        systems: &[],
        providers: &[],
        people: 1,
    };
    assert_eq!(states(&facts), [ToDo, ToDo, ToDo, NotYet, Optional, Optional, Optional, Optional, NotYet]);
    for task in tasks(&facts) {
        assert!(!task.remark.is_empty(), "{:?} says what is left", task.step);
    }
}

#[test]
fn an_organisation_that_gives_data_goes_live_after_its_system_has_passed() {
    use TaskState::{Done, NotYet, ToDo};
    let (details, agreement) = (details(), agreement(Some(schedule(&[Dataset::Allergies])), true, true));
    let of = |systems: &[SystemStatus]| {
        let facts = TaskFacts {
            state: PartnerState::Agreed,
            details: &details,
            agreement: &agreement,
            systems,
            providers: &[],
            people: 3,
        };
        states(&facts)[5..].to_vec()
    };
    assert_eq!(of(&[]), [ToDo, NotYet, Done, NotYet]);
    assert_eq!(of(&[system(None)]), [Done, ToDo, Done, NotYet]);
    assert_eq!(of(&[system(Some(CheckOutcome::Failed))]), [Done, ToDo, Done, NotYet]);
    assert_eq!(of(&[system(Some(CheckOutcome::Warning))]), [Done, Done, Done, ToDo]);
    assert_eq!(of(&[system(Some(CheckOutcome::Passed)), system(None)]), [Done, ToDo, Done, NotYet]);
    let suspended = SystemStatus { suspended: true, ..system(None) };
    assert_eq!(of(&[system(Some(CheckOutcome::Passed)), suspended.clone()]), [Done, Done, Done, ToDo]);
    assert_eq!(of(&[suspended]), [ToDo, NotYet, Done, NotYet], "a suspended system is none");
    let live = |report| SystemStatus { live: true, ..system(report) };
    assert_eq!(of(&[live(None)])[1], ToDo, "it was changed after the check by which it went live");
    let operators = SystemStatus { managed_by: "operator".to_owned(), ..live(None) };
    assert_eq!(of(&[operators])[1], Done, "the operator took it live");
    assert_eq!(of(&[live(Some(CheckOutcome::Failed))])[1], ToDo, "the last report decides");
}

#[test]
fn an_organisation_that_is_live_reads_which_system_shows_nothing_yet() {
    let (details, agreement) = (details(), agreement(Some(schedule(&[Dataset::Allergies])), true, true));
    let of = |system: SystemStatus| {
        let facts = TaskFacts {
            state: PartnerState::Live,
            details: &details,
            agreement: &agreement,
            systems: &[system],
            providers: &[],
            people: 3,
        };
        let task = tasks(&facts).remove(5);
        (task.state, task.remark)
    };
    let switched = |stage: Stage, receiver: Option<Stage>| {
        let rule = |receiver: Option<&str>, stage| StageRule {
            dataset: Dataset::Allergies,
            unit: None,
            receiver: receiver.map(OdsCode::new),
            stage,
        };
        let own = receiver.map(|stage| rule(Some("B86000"), stage));
        let rules = std::iter::once(rule(None, stage)).chain(own).collect();
        SystemStatus {
            live: true,
            datasets: BTreeMap::from([(Dataset::Allergies, DatasetSwitch::On)]),
            stages: Stages { rules, ..Stages::default() },
            ..system(None)
        }
    };
    let (state, remark) = of(system(None));
    assert!(state == TaskState::ToDo && remark.contains("Hospice") && remark.contains("take it live"), "{remark}");
    let (state, remark) = of(switched(Stage::Off, None));
    assert!(state == TaskState::ToDo && remark.contains("switch its datasets on"), "{remark}");
    assert_eq!(of(switched(Stage::SafetyTesters, None)).0, TaskState::Done);
    assert_eq!(of(switched(Stage::Off, Some(Stage::On))).0, TaskState::Done, "one receiver sees it");
    assert_eq!(of(SystemStatus { suspended: true, ..switched(Stage::Off, None) }).0, TaskState::ToDo);
}

#[test]
fn a_provider_of_its_own_has_to_pass_its_check() {
    let (details, agreement) = (details(), agreement(Some(schedule(&[])), true, true));
    let of = |checks: Vec<Check>| {
        let providers = [provider(checks)];
        let facts = TaskFacts {
            state: PartnerState::Agreed,
            details: &details,
            agreement: &agreement,
            systems: &[],
            providers: &providers,
            people: 3,
        };
        (states(&facts)[4], states(&facts)[8])
    };
    assert_eq!(of(vec![]), (TaskState::ToDo, TaskState::NotYet));
    assert_eq!(of(vec![check(CheckOutcome::Failed)]), (TaskState::ToDo, TaskState::NotYet));
    assert_eq!(of(vec![check(CheckOutcome::Passed)]), (TaskState::Done, TaskState::ToDo));
}

#[test]
fn a_new_version_names_who_has_not_signed_and_until_when_the_old_one_counts() {
    let mut agreement = agreement(Some(schedule(&[])), true, false);
    (agreement.in_force, agreement.grace_until) = (true, Some(date(2026, 8, 30)));
    let details = details();
    let facts = TaskFacts {
        state: PartnerState::Live,
        details: &details,
        agreement: &agreement,
        systems: &[],
        providers: &[],
        people: 3,
    };
    let tasks = tasks(&facts);
    assert_eq!((tasks[3].state, tasks[8].state), (TaskState::ToDo, TaskState::Done));
    assert!(
        tasks[3].remark.contains("Caldicott guardian") && tasks[3].remark.contains("30-Aug-2026"),
        "{}",
        tasks[3].remark
    );
}

#[test]
fn an_agreement_on_paper_needs_no_signature() {
    let mut agreement = agreement(None, false, false);
    (agreement.in_force, agreement.signed_version) = (true, Some(ON_PAPER.to_owned()));
    let details = details();
    let facts = TaskFacts {
        state: PartnerState::Live,
        details: &details,
        agreement: &agreement,
        systems: &[],
        providers: &[],
        people: 3,
    };
    let tasks = tasks(&facts);
    assert_eq!(progress(&tasks), (6, 6));
}
