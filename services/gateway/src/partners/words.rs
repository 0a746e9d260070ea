//! The words for states, steps, stages, checks, kinds and roles of partners. Pages must never show the names that services
//! exchange, except a name of another version.

use lcr_contracts::{
    partners::{OnboardingStep, TaskState, organisation::Duty, system::CheckOutcome},
    registry::{CredentialKind, PartnerState, Stage},
};
use lcr_model::{Dataset, Role};

use crate::{forms::grid::Tag, layout::format::capitalise};

const fn tag(colour: &'static str, words: &'static str) -> Tag {
    Tag { colour, words }
}

pub(crate) fn state_tag(state: PartnerState) -> Tag {
    match state {
        PartnerState::Draft => tag("grey", "Draft"),
        PartnerState::Agreed => tag("blue", "Agreed"),
        PartnerState::Connecting => tag("blue", "Connecting"),
        PartnerState::Conformant => tag("blue", "Checks passed"),
        PartnerState::Live => tag("green", "Live"),
        PartnerState::Suspended => tag("red", "Suspended"),
        PartnerState::Left => tag("grey", "Left"),
    }
}

pub(crate) fn state_meaning(state: PartnerState) -> &'static str {
    match state {
        PartnerState::Draft => "Registered. The agreement is not signed, so no data flows and no record opens.",
        PartnerState::Agreed => "The agreement is signed. Nothing is connected yet.",
        PartnerState::Connecting => "Systems or sign-in are being set up. Not all of them have passed their checks.",
        PartnerState::Conformant => "All that is set up has passed its checks. The organisation can go live.",
        PartnerState::Live => "Its staff can sign in, and what is switched on of its systems is shown.",
        PartnerState::Suspended => "Stopped: no record opens to its staff, and nothing of its systems is shown.",
        PartnerState::Left => "It takes part no more. To come back it registers again.",
    }
}

pub(crate) fn task_tag(state: TaskState) -> Tag {
    match state {
        TaskState::Done => tag("green", "Completed"),
        TaskState::ToDo => tag("blue", "To do"),
        TaskState::NotYet => tag("grey", "Cannot start yet"),
        TaskState::Optional => tag("grey", "Optional"),
    }
}

/// The words of a step and the page where it is done.
pub(crate) fn step_words(step: OnboardingStep) -> (&'static str, &'static str) {
    match step {
        OnboardingStep::Details => ("Describe your organisation", "/details"),
        OnboardingStep::Schedule => ("Say what you give and what you receive", "/schedule"),
        OnboardingStep::Signatories => ("Appoint those who sign", "/agreement#signatories"),
        OnboardingStep::Signatures => ("Sign the agreement", "/agreement"),
        OnboardingStep::SignIn => ("Connect your sign-in", "/sign-in"),
        OnboardingStep::Systems => ("Connect your systems", "/systems"),
        OnboardingStep::Checks => ("Pass the checks", "/systems"),
        OnboardingStep::People => ("Add your people", "/people"),
        OnboardingStep::GoLive => ("Go live", "#state"),
    }
}

pub(crate) fn outcome_tag(outcome: CheckOutcome) -> Tag {
    match outcome {
        CheckOutcome::Passed => tag("green", "Passed"),
        CheckOutcome::Warning => tag("yellow", "Warning"),
        CheckOutcome::Failed => tag("red", "Failed"),
        CheckOutcome::Skipped => tag("grey", "Not tried"),
    }
}

/// The name of a check: `must-have-allergies` is "UK Core: Allergies".
pub(crate) fn check_words(name: &str) -> String {
    let of_dataset =
        |dataset: &str| dataset.parse::<Dataset>().map_or_else(|_| dataset.to_owned(), |one| one.title().into());
    if let Some(dataset) = name.strip_prefix("search-") {
        return format!("Search: {}", of_dataset(dataset));
    }
    if let Some(dataset) = name.strip_prefix("must-have-") {
        return format!("UK Core: {}", of_dataset(dataset));
    }
    match name {
        "reachable" => "Reachable".into(),
        "tls" => "TLS certificate".into(),
        "authentication" => "Authentication".into(),
        "capability" => "Capability statement".into(),
        "nhs-number" => "NHS numbers".into(),
        "paging" => "Paging".into(),
        "time" => "Time".into(),
        "discovery" => "Discovery".into(),
        "jwks" => "Public keys".into(),
        other => capitalise(&other.replace('-', " ")),
    }
}

pub(crate) fn stage_tag(stage: Stage) -> Tag {
    match stage {
        Stage::Off => tag("grey", "Off"),
        Stage::SafetyTesters => tag("yellow", "Safety testers"),
        Stage::PilotTeams => tag("blue", "Pilot teams"),
        Stage::On => tag("green", "On"),
    }
}

/// Who sees a dataset at this stage.
pub(crate) fn stage_meaning(stage: Stage) -> &'static str {
    match stage {
        Stage::Off => "nobody",
        Stage::SafetyTesters => "the safety testers",
        Stage::PilotTeams => "the safety testers and the pilot teams",
        Stage::On => "everybody whom the rules permit",
    }
}

pub(crate) fn stage_before(stage: Stage) -> Option<Stage> {
    match stage {
        Stage::Off => None,
        Stage::SafetyTesters => Some(Stage::Off),
        Stage::PilotTeams => Some(Stage::SafetyTesters),
        Stage::On => Some(Stage::PilotTeams),
    }
}

pub(crate) fn stage_named(name: &str) -> Option<Stage> {
    [Stage::Off, Stage::SafetyTesters, Stage::PilotTeams, Stage::On].into_iter().find(|stage| stage.as_str() == name)
}

pub(crate) fn duty_named(name: &str) -> Option<Duty> {
    Duty::ALL.into_iter().find(|duty| duty.as_str() == name)
}

pub(crate) fn credential_words(kind: Option<CredentialKind>) -> &'static str {
    match kind {
        None => "none",
        Some(CredentialKind::Basic) => "user name and password",
        Some(CredentialKind::OAuth2Secret) => "OAuth 2 with a client secret",
        Some(CredentialKind::PrivateKeyJwt) => "OAuth 2 with a signed assertion",
        Some(CredentialKind::MutualTls) => "client certificate",
    }
}

/// Who manages a row, and where it is changed.
pub(crate) fn managed_by_words(managed_by: &str) -> String {
    match managed_by {
        "portal" => "this portal".into(),
        "operator" => "the cluster's PartnerSystem, and changed there".into(),
        "seed" => "the set-up of this installation".into(),
        other => other.into(),
    }
}

/// The roles that an organisation gives to its own people.
pub(crate) fn staff_roles() -> Vec<Role> {
    let others = [Role::PlatformAdmin, Role::Patient, Role::ProxyParent, Role::FeedsClient, Role::FhirClient];
    Role::ALL.iter().copied().filter(|role| !others.contains(role)).collect()
}

/// The same for a list: (value, words).
pub(crate) fn staff_role_choices() -> Vec<(String, String)> {
    staff_roles().into_iter().map(|role| (role.to_string(), capitalise(role.words()))).collect()
}

pub(crate) fn role_list(roles: &[Role]) -> String {
    let words: Vec<&str> = roles.iter().map(|role| role.words()).collect();
    words.join(", ")
}

pub(crate) fn dataset_list<'a>(datasets: impl IntoIterator<Item = &'a Dataset>) -> String {
    let words: Vec<&str> = datasets.into_iter().map(|dataset| dataset.title()).collect();
    words.join(", ")
}

pub(crate) fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
