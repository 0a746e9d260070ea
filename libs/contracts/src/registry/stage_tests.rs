use lcr_model::{ActorKind, Purpose, Role, SessionId};
use proptest::prelude::*;

use super::*;

fn reader(user: &str, org: &str) -> Actor {
    Actor {
        user: UserId::new(user),
        kind: ActorKind::Person,
        name: user.to_owned(),
        org: OdsCode::new(org),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    }
}

fn rule(unit: Option<&str>, receiver: Option<&str>, stage: Stage) -> StageRule {
    let ods = |code: &str| OdsCode::new(code);
    StageRule { dataset: Dataset::Documents, unit: unit.map(ods), receiver: receiver.map(ods), stage }
}

fn stages(rules: Vec<StageRule>) -> Stages {
    let mut stages = Stages {
        testers: BTreeSet::from([UserId::new("tester")]),
        pilots: BTreeSet::from([OdsCode::new("PILOT")]),
        ..Stages::default()
    };
    for rule in rules {
        stages.set(rule);
    }
    stages
}

#[test]
fn each_stage_opens_to_more_readers() {
    let readers = [reader("tester", "B1"), reader("u", "PILOT"), reader("u", "B1")];
    for (stage, open) in [
        (Stage::Off, [false, false, false]),
        (Stage::SafetyTesters, [true, false, false]),
        (Stage::PilotTeams, [true, true, false]),
        (Stage::On, [true, true, true]),
    ] {
        let stages = stages(vec![rule(None, None, stage)]);
        assert_eq!(readers.each_ref().map(|one| stages.is_open_to(Dataset::Documents, one)), open, "{stage:?}");
        assert!(stages.is_open_to(Dataset::Results, &readers[2]), "another dataset has no rule");
    }
}

#[test]
fn two_organisations_see_different_stages_of_one_dataset() {
    let mut stages = stages(vec![rule(None, None, Stage::Off), rule(None, Some("B1"), Stage::On)]);
    assert!(stages.is_open_to(Dataset::Documents, &reader("u", "B1")));
    assert!(!stages.is_open_to(Dataset::Documents, &reader("u", "B2")));
    stages.declined.insert(Declined { receiver: OdsCode::new("B1"), dataset: Dataset::Documents });
    assert!(!stages.is_open_to(Dataset::Documents, &reader("u", "B1")), "who declines sees nothing");
}

#[test]
fn one_unit_is_kept_back_and_the_others_are_not() {
    let stages = stages(vec![rule(Some("P1"), None, Stage::SafetyTesters)]);
    let closed = |who: &Actor| stages.closed_units(Dataset::Documents, who);
    assert!(stages.is_open_to(Dataset::Documents, &reader("u", "B1")));
    assert_eq!(closed(&reader("u", "B1")), BTreeSet::from([OdsCode::new("P1")]));
    assert_eq!(closed(&reader("tester", "B1")), BTreeSet::new());
}

fn any_stage() -> impl Strategy<Value = Stage> {
    prop_oneof![Just(Stage::Off), Just(Stage::SafetyTesters), Just(Stage::PilotTeams), Just(Stage::On)]
}

fn any_rule() -> impl Strategy<Value = StageRule> {
    let codes = || proptest::option::of(prop_oneof![Just("B1"), Just("B2")]);
    (codes(), codes(), any_stage()).prop_map(|(unit, receiver, stage)| rule(unit, receiver, stage))
}

#[test]
fn a_step_back_for_one_unit_or_one_receiver_leaves_the_others() {
    let mut stages = stages(vec![
        rule(None, Some("B1"), Stage::On),
        rule(Some("P1"), Some("B1"), Stage::On),
        rule(Some("P1"), Some("B2"), Stage::PilotTeams),
    ]);
    let capped = stages.step(rule(None, Some("B1"), Stage::Off));
    assert_eq!(capped, [(rule(Some("P1"), Some("B1"), Stage::Off), Stage::On)]);
    assert_eq!(stages.current(&rule(Some("P1"), Some("B2"), Stage::On)), Stage::PilotTeams);
}

proptest! {
    /// data that is switched back is gone for everybody, also for those who had a stage of their own.
    #[test]
    fn after_a_step_back_of_the_general_rule_nobody_sees_more_than_that_stage(
        rules in proptest::collection::vec(any_rule(), 0..8),
        to in any_stage(),
    ) {
        let mut stages = stages(rules);
        let general = rule(None, None, to);
        prop_assume!(to < stages.current(&general));
        let before = stages.clone();
        let capped = stages.step(general);
        for receiver in ["B1", "B2", "PILOT"] {
            prop_assert!(stages.of(Dataset::Documents, &OdsCode::new(receiver)) <= to);
        }
        prop_assert!(stages.rules.iter().all(|rule| rule.stage <= to));
        let higher = before.rules.iter().filter(|one| (one.unit.is_some() || one.receiver.is_some()) && one.stage > to);
        prop_assert_eq!(capped.len(), higher.count());
    }

    #[test]
    fn a_step_forward_changes_no_other_rule(rules in proptest::collection::vec(any_rule(), 0..8), to in any_rule()) {
        let mut stages = stages(rules);
        // What is on already has no step forward.
        let Some(stage) = stages.current(&to).next() else { return Ok(()) };
        let to = StageRule { stage, ..to };
        let mut expected = stages.clone();
        expected.set(to.clone());
        prop_assert_eq!(stages.step(to), vec![]);
        prop_assert_eq!(stages, expected);
    }

    #[test]
    fn a_rule_never_opens_what_is_open_to_nobody_else_and_the_last_one_counts(first in any_stage(), last in any_stage()) {
        let once = stages(vec![rule(None, None, last)]);
        let twice = stages(vec![rule(None, None, first), rule(None, None, last)]);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn a_later_stage_never_closes(stage in any_stage(), user in "tester|u", org in "PILOT|B1") {
        let who = reader(&user, &org);
        let open = |stage| stages(vec![rule(None, None, stage)]).is_open_to(Dataset::Documents, &who);
        if let Some(next) = stage.next() {
            prop_assert!(!open(stage) || open(next));
        }
    }
}
