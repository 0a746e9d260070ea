//! One access of a patient's own log as a sentence in plain English: who looked, at what kind of information, and why they
//! could. It must not claim to be complete, because policy withholds some entries.

use lcr_contracts::{
    audit::{AccessEvent, AccessKind, Outcome},
    registry::Registry,
};
use lcr_model::ActorKind;

use crate::{
    access_log::{
        actions::{Action, action},
        log_format::{dataset_in_plain_english, organisation_name, role_with_article},
    },
    layout::{
        format::{capitalise, join_with_and},
        reasons::{choice_action_for_patient, claim_action_for_patient, link_sentence_for_patient},
    },
};

/// "Dr Aisha Khan, a GP at Beckside Surgery, looked at your medicines and test results. Recorded link to you:
/// your GP practice."
pub fn access_sentence(event: &AccessEvent, registry: &Registry) -> String {
    format!("{} {}.{}", actor_text(event, registry), action_text(event), link_text(event))
}

/// The same without who it was: "Looked at your medicines. Recorded link to you: your GP practice."
pub fn access_detail(event: &AccessEvent) -> String {
    format!("{}.{}", capitalise(&action_text(event)), link_text(event))
}

/// Who it was, to be followed by what they did.
pub fn actor_text(event: &AccessEvent, registry: &Registry) -> String {
    let organisation = organisation_name(registry, &event.org);
    match (event.kind, event.who.is_empty()) {
        (ActorKind::Patient, _) => "You".to_owned(),
        (ActorKind::Client, true) => format!("Automatic check by {organisation}: it"),
        (ActorKind::Client, false) => format!("Automatic check by {} for {organisation}: it", event.who),
        (ActorKind::Person, true) => format!("{} at {organisation}", capitalise(&role_with_article(event.role))),
        (ActorKind::Person, false) => {
            format!("{}, {} at {organisation},", event.who, role_with_article(event.role))
        }
    }
}

pub fn event_action(event: &AccessEvent) -> Action {
    action(event.what, event.outcome, &event.datasets, event.presumed)
}

/// What was done with the patient's choices, with the number of the receipt.
pub fn choice_text(event: &AccessEvent) -> String {
    let words = choice_action_for_patient(&event.reason, event.kind == ActorKind::Patient);
    event.receipt.as_ref().map_or_else(|| words.to_owned(), |number| format!("{words} (receipt {number})"))
}

/// What was said to open the record, or what an officer found of it.
pub fn claim_text(event: &AccessEvent) -> String {
    claim_action_for_patient(&event.reason)
}

fn link_text(event: &AccessEvent) -> String {
    let is_act = matches!(event.what, AccessKind::Choices | AccessKind::Claim);
    let has_link = event.kind == ActorKind::Person && event.outcome == Outcome::Allowed && !is_act;
    let link = has_link.then(|| link_sentence_for_patient(&event.reason)).flatten();
    link.map(|text| format!(" {text}")).unwrap_or_default()
}

/// The action, to follow the name of the reader.
fn action_text(event: &AccessEvent) -> String {
    const NO_END: &str = "the page was opened, and its end was not recorded";
    let datasets: Vec<String> =
        event.datasets.iter().map(|dataset| dataset_in_plain_english(*dataset).to_owned()).collect();
    match event_action(event) {
        Action::LeftOffList => "opened a list of people in hospital. You were not shown on it".to_owned(),
        Action::Refused => "asked to see your record and was not allowed to. Nothing was shown".to_owned(),
        Action::Unknown if datasets.is_empty() => "looked at something about you".to_owned(),
        Action::LookedAtRecord | Action::Unknown => format!("looked at your {}", join_with_and(&datasets)),
        Action::MayHaveLooked => format!("may have looked at your {}: {NO_END}", join_with_and(&datasets)),
        Action::OpenedDocument => "opened a letter or document".to_owned(),
        Action::MayHaveOpenedDocument => format!("may have opened a letter or document: {NO_END}"),
        Action::ReadName => "looked at your name and NHS number".to_owned(),
        Action::FoundInSearch => "found your name in a search".to_owned(),
        Action::SeenOnList => "saw you on a list of people in hospital".to_owned(),
        Action::MayHaveBeenOnList => "opened a list of people in hospital that may have shown you".to_owned(),
        Action::SeenOnCareList => "saw your name on a list of people in their care".to_owned(),
        Action::LeftOffCareList => "opened a list of people in their care. You were not shown on it".to_owned(),
        Action::UsedChoices => choice_text(event),
        Action::StatedReason => claim_text(event),
        Action::ReadLog => "looked at the list of who has looked at your record".to_owned(),
        Action::WorkedOnIncident => "worked on a question about who has looked at your record".to_owned(),
        Action::ReviewedLink => "checked whether a record with your NHS number is yours".to_owned(),
        Action::AskedWhetherAllowed => "asked whether they may open your record".to_owned(),
        Action::SearchedOften => "searched very often".to_owned(),
    }
}

#[cfg(test)]
#[path = "patient_log_tests.rs"]
pub(crate) mod tests;
