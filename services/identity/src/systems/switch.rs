//! The rules of the staged switch-on (X-07, Q-14, S-83). Pure. A step forward opens one stage at a time and needs a sign-off; a
//! step back is always allowed, so that nothing delays it.

use lcr_contracts::{
    Failure,
    partners::system::SwitchStep,
    registry::{Stage, StageRule, Stages},
};
use lcr_model::OdsCode;

use super::{draft::is_text, edit::conflict};

const MAX_SIGN_OFF: usize = 200;
const MAX_VIEW: usize = 500;
/// The shortest sign-off and the shortest view that say anything.
const LEAST: usize = 3;
/// The most rules of one system: its datasets for a few units and receivers each.
const MAX_RULES: usize = 1000;

/// The stage that holds at the place of a rule.
pub fn current(stages: &Stages, rule: &StageRule) -> Stage {
    stages.current(rule)
}

/// Refuses a step that the rules do not allow. Returns the stage that it leaves.
pub fn check(stages: &Stages, step: &SwitchStep) -> Result<Stage, Failure> {
    let rule = &step.rule;
    if ![&rule.unit, &rule.receiver].into_iter().flatten().all(is_code) {
        return Err(Failure::bad_request("A unit and a receiving organisation are ODS codes in capital letters."));
    }
    check_sign_off(&step.signed_off_by)?;
    if step.user_view.trim().chars().count() > MAX_VIEW {
        return Err(Failure::bad_request("The view of users has at most 500 characters."));
    }
    let from = current(stages, rule);
    if rule.stage == from {
        return Err(conflict("The dataset is at this stage already."));
    }
    if rule.stage > from {
        check_forward(stages, step, from)?;
    }
    let is_new = !stages
        .rules
        .iter()
        .any(|one| (one.dataset, &one.unit, &one.receiver) == (rule.dataset, &rule.unit, &rule.receiver));
    if is_new && stages.rules.len() >= MAX_RULES {
        return Err(conflict("This system has 1000 rules, the most there may be."));
    }
    Ok(from)
}

fn check_forward(stages: &Stages, step: &SwitchStep, from: Stage) -> Result<(), Failure> {
    if from.next() != Some(step.rule.stage) {
        return Err(conflict("A dataset goes forward one stage at a time: off, safety testers, pilot teams, on."));
    }
    require_sign_off(&step.signed_off_by)?;
    match step.rule.stage {
        Stage::SafetyTesters if stages.testers.is_empty() => {
            Err(Failure::bad_request("Name the safety testers first; nobody else sees the data at this stage."))
        }
        Stage::PilotTeams if stages.pilots.is_empty() => {
            Err(Failure::bad_request("Name the organisations of the pilot first."))
        }
        Stage::On if step.user_view.trim().chars().count() < LEAST => Err(Failure::bad_request(
            "The step to everybody needs a view of users: what those who tried the data said of it.",
        )),
        _ => Ok(()),
    }
}

/// Refuses a sign-off that cannot be stored.
pub fn check_sign_off(who: &str) -> Result<(), Failure> {
    if is_text(who, 0, MAX_SIGN_OFF) {
        return Ok(());
    }
    Err(Failure::bad_request("The sign-off has at most 200 characters in one line."))
}

/// Refuses a sign-off that names nobody.
pub fn require_sign_off(who: &str) -> Result<(), Failure> {
    if is_text(who, LEAST, MAX_SIGN_OFF) {
        return Ok(());
    }
    Err(Failure::bad_request(
        "This opens data to more readers, which needs a sign-off: who agreed to it, by name and role.",
    ))
}

/// Whether a code is an ODS code as the registry writes it. A rule for another spelling would have no effect, unseen.
pub fn is_code(code: &OdsCode) -> bool {
    OdsCode::parse(code.as_str()).as_ref() == Some(code)
}

#[cfg(test)]
#[path = "switch_tests.rs"]
mod tests;
