//! Whatever steps are asked for, a dataset opens one stage at a time, closes at once, and never opens to others.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use lcr_contracts::registry::Stage::{Off, On, PilotTeams, SafetyTesters};
use lcr_model::{Dataset, UserId};
use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest},
};

use super::*;
use crate::systems::testing::{administrator, rule, step};

const READERS: [&str; 3] = ["R0A01", "R0B01", "R0C01"];

fn stages(stage: Stage) -> Stages {
    let mut stages = Stages {
        testers: BTreeSet::from([UserId::new("user-R0A01")]),
        pilots: BTreeSet::from([OdsCode::new("R0B01")]),
        ..Stages::default()
    };
    stages.set(rule(stage));
    stages
}

fn refusal(stages: &Stages, step: &SwitchStep) -> String {
    check(stages, step).unwrap_err().outward().to_owned()
}

fn codes() -> impl Strategy<Value = Option<OdsCode>> {
    option::of(prop_oneof![Just(OdsCode::new("R0A01")), Just(OdsCode::new("R0B01"))])
}

fn rules() -> impl Strategy<Value = StageRule> {
    let datasets = prop_oneof![Just(Dataset::Allergies), Just(Dataset::Results)];
    let stages = prop_oneof![Just(Off), Just(SafetyTesters), Just(PilotTeams), Just(On)];
    (datasets, codes(), codes(), stages).prop_map(|(dataset, unit, receiver, stage)| StageRule {
        dataset,
        unit,
        receiver,
        stage,
    })
}

#[test]
fn a_step_forward_needs_what_the_stage_is_for() {
    assert_eq!(check(&stages(Off), &step(rule(SafetyTesters))), Ok(Off));
    assert_eq!(check(&stages(PilotTeams), &step(rule(On))), Ok(PilotTeams));
    let unsigned = |stage| SwitchStep { signed_off_by: " a ".into(), ..step(rule(stage)) };
    assert!(refusal(&stages(Off), &unsigned(SafetyTesters)).contains("sign-off"));
    let without_view = SwitchStep { user_view: String::new(), ..step(rule(On)) };
    assert!(refusal(&stages(PilotTeams), &without_view).contains("view of users"), "S-83");
    let nobody = Stages { testers: BTreeSet::new(), ..stages(Off) };
    assert!(refusal(&nobody, &step(rule(SafetyTesters))).contains("safety testers first"));
    let nobody = Stages { pilots: BTreeSet::new(), ..stages(SafetyTesters) };
    assert!(refusal(&nobody, &step(rule(PilotTeams))).contains("pilot first"));
    assert!(refusal(&stages(Off), &step(rule(On))).contains("one stage at a time"));
    assert!(refusal(&stages(On), &step(rule(On))).contains("already"));
}

#[test]
fn a_step_back_needs_nothing() {
    let plain = |stage| SwitchStep { signed_off_by: String::new(), user_view: String::new(), ..step(rule(stage)) };
    for (from, to) in [(On, Off), (On, SafetyTesters), (PilotTeams, Off), (SafetyTesters, Off)] {
        assert_eq!(check(&stages(from), &plain(to)), Ok(from));
    }
    let nobody = Stages { testers: BTreeSet::new(), pilots: BTreeSet::new(), ..stages(On) };
    assert_eq!(check(&nobody, &plain(SafetyTesters)), Ok(On));
}

#[test]
fn codes_and_texts_have_limits() {
    let for_code = |code: &str| step(StageRule { receiver: Some(OdsCode::new(code)), ..rule(SafetyTesters) });
    for code in ["", "r0a01", "R0A 01", "ABCDEFGHIJKLM"] {
        assert!(refusal(&stages(Off), &for_code(code)).contains("ODS codes"), "{code}");
    }
    let long = SwitchStep { user_view: "a".repeat(501), ..step(rule(Off)) };
    assert!(refusal(&stages(On), &long).contains("at most 500"));
    let long = SwitchStep { signed_off_by: "a".repeat(201), ..step(rule(Off)) };
    assert!(refusal(&stages(On), &long).contains("at most 200"));
}

#[test]
fn a_rule_for_one_receiver_begins_where_the_rule_for_all_is() {
    let for_one = |stage| StageRule { receiver: Some(OdsCode::new("R0C01")), ..rule(stage) };
    assert_eq!(check(&stages(Off), &step(for_one(SafetyTesters))), Ok(Off));
    assert!(refusal(&stages(Off), &step(for_one(PilotTeams))).contains("one stage at a time"));
    assert_eq!(check(&stages(On), &step(for_one(Off))), Ok(On));
}

proptest! {
    /// Steps in any order: none opens two stages at once, and a step back is never refused.
    #[test]
    fn no_step_opens_more_than_one_stage(steps in vec(rules(), 1..40)) {
        let mut stages = stages(Off);
        for rule in steps {
            let from = current(&stages, &rule);
            let checked = check(&stages, &step(rule.clone()));
            if rule.stage < from {
                prop_assert_eq!(&checked, &Ok(from));
            }
            if checked.is_ok() {
                prop_assert!(rule.stage < from || Some(rule.stage) == from.next());
                stages.step(rule.clone());
                prop_assert_eq!(current(&stages, &rule), rule.stage);
            }
        }
    }

    /// A step changes what is open only for the readers that its rule reaches, and a stage before `on` never opens to others.
    #[test]
    fn a_closed_stage_never_opens_to_others(steps in vec(rules(), 1..40)) {
        let mut stages = stages(Off);
        for rule in steps {
            if check(&stages, &step(rule.clone())).is_err() {
                continue;
            }
            let before = stages.clone();
            stages.step(rule.clone());
            for reader in READERS.map(administrator) {
                for dataset in [Dataset::Allergies, Dataset::Results] {
                    let is_for_reader = rule.receiver.as_ref().is_none_or(|one| *one == reader.org);
                    let reaches = rule.dataset == dataset && is_for_reader;
                    let is_open = stages.is_open_to(dataset, &reader);
                    if !reaches || rule.unit.is_some() {
                        prop_assert_eq!(is_open, before.is_open_to(dataset, &reader));
                    }
                    let stage = stages.of(dataset, &reader.org);
                    let is_tester = reader.org.as_str() == "R0A01";
                    let is_pilot = is_tester || reader.org.as_str() == "R0B01";
                    prop_assert!(!is_open || stage == On || (stage == SafetyTesters && is_tester)
                        || (stage == PilotTeams && is_pilot));
                }
            }
        }
    }
}
