//! The steps of onboarding and how far an organisation has come with each. Pure. A remark must say what is left to do.

use lcr_contracts::{
    partners::{
        OnboardingStep, OnboardingTask, TaskState,
        agreement::AgreementStatus,
        organisation::OrganisationDetails,
        sign_in::ProviderStatus,
        system::{SystemStatus, have_passed},
    },
    registry::{DatasetSwitch, PartnerState, Stage},
};
use lcr_model::Dataset;

use super::status::ON_PAPER;
use crate::store::registry::ManagedBy;

/// What the steps follow from.
#[derive(Debug)]
pub struct TaskFacts<'a> {
    pub state: PartnerState,
    pub details: &'a OrganisationDetails,
    pub agreement: &'a AgreementStatus,
    pub systems: &'a [SystemStatus],
    pub providers: &'a [ProviderStatus],
    /// How many people may sign in.
    pub people: u64,
}

/// The steps in their order.
pub fn tasks(facts: &TaskFacts<'_>) -> Vec<OnboardingTask> {
    let mut tasks = vec![
        task(OnboardingStep::Details, details(facts)),
        task(OnboardingStep::Schedule, schedule(facts)),
        task(OnboardingStep::Signatories, signatories(facts)),
        task(OnboardingStep::Signatures, signatures(facts)),
        task(OnboardingStep::SignIn, sign_in(facts)),
        task(OnboardingStep::Systems, systems(facts)),
        task(OnboardingStep::Checks, checks(facts)),
        task(OnboardingStep::People, people(facts)),
    ];
    let last = go_live(facts, &tasks);
    tasks.push(task(OnboardingStep::GoLive, last));
    tasks
}

/// How many steps are done, of those that are needed.
pub fn progress(tasks: &[OnboardingTask]) -> (u8, u8) {
    let count = |test: &dyn Fn(&OnboardingTask) -> bool| {
        u8::try_from(tasks.iter().filter(|task| test(task)).count()).unwrap_or(u8::MAX)
    };
    (count(&|task| task.state == TaskState::Done), count(&|task| task.state != TaskState::Optional))
}

type Standing = (TaskState, String);

fn task(step: OnboardingStep, (state, remark): Standing) -> OnboardingTask {
    OnboardingTask { step, state, remark }
}

fn done() -> Standing {
    (TaskState::Done, String::new())
}

fn to_do(remark: impl Into<String>) -> Standing {
    (TaskState::ToDo, remark.into())
}

fn not_yet(remark: impl Into<String>) -> Standing {
    (TaskState::NotYet, remark.into())
}

fn optional(remark: impl Into<String>) -> Standing {
    (TaskState::Optional, remark.into())
}

fn details(facts: &TaskFacts<'_>) -> Standing {
    if facts.details.contact.is_empty() {
        return to_do("Say whom to call about the organisation's data.");
    }
    done()
}

fn is_on_paper(agreement: &AgreementStatus) -> bool {
    agreement.in_force && agreement.signed_version.as_deref() == Some(ON_PAPER) && agreement.schedule.is_none()
}

fn schedule(facts: &TaskFacts<'_>) -> Standing {
    if facts.agreement.schedule.is_some() || is_on_paper(facts.agreement) {
        return done();
    }
    to_do("Say which datasets the organisation gives and receives, on which lawful basis, and how long it keeps them.")
}

fn signatories(facts: &TaskFacts<'_>) -> Standing {
    if is_on_paper(facts.agreement) {
        return done();
    }
    let missing = facts.agreement.signatories.iter().filter(|one| one.user.is_none());
    let missing: Vec<&str> = missing.map(|one| one.duty.words()).collect();
    if missing.is_empty() {
        return done();
    }
    let how = "They sign in once before you can choose them. Add them under People first, or let them ask for access.";
    to_do(format!("Appoint the {}. {how}", missing.join(", the ")))
}

fn signatures(facts: &TaskFacts<'_>) -> Standing {
    let agreement = facts.agreement;
    if is_on_paper(agreement) {
        return done();
    }
    if agreement.schedule.is_none() {
        return not_yet("Set the data-flow schedule first.");
    }
    let missing = agreement.signatories.iter().filter(|one| one.signed_at.is_none());
    let missing: Vec<&str> = missing.map(|one| one.duty.words()).collect();
    if missing.is_empty() {
        return done();
    }
    if agreement.signatories.iter().any(|one| one.user.is_none()) {
        return not_yet("Appoint everybody who signs first.");
    }
    let until =
        agreement.grace_until.map(|day| format!(" What was signed before counts until {}.", day.strftime("%d-%b-%Y")));
    let version = &agreement.version;
    to_do(format!("Version {version} is not signed by the {}.{}", missing.join(", the "), until.unwrap_or_default()))
}

fn sign_in(facts: &TaskFacts<'_>) -> Standing {
    if facts.providers.is_empty() {
        return optional("Your staff sign in as you did. Set up a provider of your own if some cannot.");
    }
    if facts.providers.iter().all(|provider| have_passed(&provider.checks)) {
        return done();
    }
    to_do("Check the sign-in provider, and mend what the check finds.")
}

/// Whether the organisation gives no data, so that it needs no system.
fn only_reads(facts: &TaskFacts<'_>) -> bool {
    facts.agreement.schedule.as_ref().is_none_or(|schedule| schedule.gives.is_empty())
}

/// The systems that are not suspended. A suspended one holds nothing up.
fn needed_systems<'a>(facts: &TaskFacts<'a>) -> impl Iterator<Item = &'a SystemStatus> {
    facts.systems.iter().filter(|system| !system.suspended)
}

fn systems(facts: &TaskFacts<'_>) -> Standing {
    if needed_systems(facts).next().is_some() {
        return if facts.state.is_live() { shown_systems(facts) } else { done() };
    }
    if only_reads(facts) {
        return optional("An organisation that gives no data needs no system.");
    }
    to_do("Set up the system that gives the data of the schedule.")
}

/// Two steps are left for each system of an organisation that is live.
fn shown_systems(facts: &TaskFacts<'_>) -> Standing {
    let mut systems = needed_systems(facts);
    let is_hidden = |system: &&SystemStatus| !system.live || shows_nothing(system);
    let Some(system) = systems.find(is_hidden) else { return done() };
    let step = if system.live { "switch its datasets on" } else { "take it live" };
    to_do(format!("Live, and nothing is shown of {} yet: {step}.", system.draft.name))
}

/// Whether every dataset that the system is agreed to give is off for everybody.
fn shows_nothing(system: &SystemStatus) -> bool {
    let rules = &system.stages.rules;
    let mut given = system.datasets.iter().filter(|(_, switch)| **switch == DatasetSwitch::On).peekable();
    // Without a general rule a dataset is on.
    let is_off = |dataset: Dataset| {
        let mut of_dataset = rules.iter().filter(|rule| rule.dataset == dataset);
        let has_general_rule = of_dataset.clone().any(|rule| rule.unit.is_none() && rule.receiver.is_none());
        has_general_rule && of_dataset.all(|rule| rule.stage == Stage::Off)
    };
    given.peek().is_some() && given.all(|(dataset, _)| is_off(*dataset))
}

fn checks(facts: &TaskFacts<'_>) -> Standing {
    let mut systems = needed_systems(facts).peekable();
    if systems.peek().is_none() {
        if only_reads(facts) {
            return optional("There is no system to check.");
        }
        return not_yet("Set up a system first.");
    }
    match systems.find(|system| !has_valid_check(system)) {
        Some(system) => to_do(format!("Check {}, and mend what the check finds.", system.draft.name)),
        None => done(),
    }
}

/// Whether a system has passed its check as it is now. One of the portal went live by a check, so that without a report it was
/// changed since.
fn has_valid_check(system: &SystemStatus) -> bool {
    let is_void = system.managed_by == ManagedBy::Portal.as_str() && system.report.is_none();
    system.has_passed() && (system.suspended || !is_void)
}

fn people(facts: &TaskFacts<'_>) -> Standing {
    if facts.people > 1 {
        return done();
    }
    optional("People are added as they sign in. You can add them before, or let your directory send them.")
}

fn go_live(facts: &TaskFacts<'_>, before: &[OnboardingTask]) -> Standing {
    match facts.state {
        PartnerState::Live => return done(),
        PartnerState::Suspended => return to_do("The organisation is suspended."),
        PartnerState::Left => return not_yet("The organisation has left."),
        _ => {}
    }
    let is_left = |task: &OnboardingTask| matches!(task.state, TaskState::ToDo | TaskState::NotYet);
    if before.iter().any(is_left) {
        return not_yet("Finish the steps above first.");
    }
    to_do("Everything is ready: take the organisation live.")
}

#[cfg(test)]
#[path = "tasks_tests.rs"]
mod tests;
