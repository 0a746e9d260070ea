//! A system as its organisation describes it: what is refused, and the row that it becomes. Pure. A new system is not live, and
//! each dataset that it gives begins switched off for everybody.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    partners::system::SystemDraft,
    registry::{DatasetSwitch, Feed, Stage, StageRule, Stages, System, SystemSetup},
    vocabulary::SystemKind,
};
use lcr_model::{Dataset, OdsCode};

use super::{address, fingerprint::agreed};

const MAX_ID: usize = 40;
const MAX_NAME: usize = 100;
const MAX_CONTACT: usize = 200;
const MAX_SENDERS: usize = 50;
/// As long as MSH-3 and MSH-4 may be.
const MAX_SENDER: usize = 227;
/// Wards of one hospital.
const MAX_WARDS: usize = 2000;
/// Words of the portal's own addresses. A page of something with such an id could not be opened.
const RESERVED: [&str; 3] = ["edit", "new", "register"];
const RHYTHMS: [&str; 2] = ["real-time", "nightly"];
const PROFILES: [&str; 2] = ["default", "itk"];

/// Refuses a draft that cannot become a row. `existing` is the kind that the system has.
pub fn check(draft: &SystemDraft, existing: Option<&SystemKind>) -> Result<(), Failure> {
    if !is_name(draft.id.as_str(), MAX_ID) {
        let words = "The id of a system has small letters, digits and hyphens, at most 40, and no hyphen at its ends.";
        return Err(Failure::bad_request(words));
    }
    if existing.is_none() {
        check_not_reserved(draft.id.as_str())?;
    }
    if !is_text(&draft.name, 1, MAX_NAME) {
        return Err(Failure::bad_request("The name of a system has 1 to 100 characters."));
    }
    if !is_text(&draft.contact, 0, MAX_CONTACT) {
        return Err(Failure::bad_request("The contact has at most 200 characters."));
    }
    if existing != Some(&draft.kind) {
        check_kind(&draft.kind)?;
    }
    if !RHYTHMS.contains(&draft.rhythm.as_str()) {
        return Err(Failure::bad_request("The rhythm is `real-time` or `nightly`."));
    }
    if draft.datasets.is_empty() {
        return Err(Failure::bad_request("Name at least one dataset that the system gives."));
    }
    match &draft.feed {
        Some(feed) => check_feed(feed),
        None if draft.base_url.trim().is_empty() => Err(Failure::bad_request(
            "A system is asked or sends: give the address of its FHIR interface, or how it sends messages, or both.",
        )),
        None => Ok(()),
    }
}

/// Only the platform decides which system is the authority on demographics, and `lcr up --source` adds systems of its own.
fn check_kind(kind: &SystemKind) -> Result<(), Failure> {
    match kind {
        SystemKind::Authority | SystemKind::Added | SystemKind::Other(_) => {
            Err(Failure::bad_request("This kind of system is not one that an organisation sets up itself."))
        }
        _ => Ok(()),
    }
}

/// What a feed of the portal must not be. `Feed::validate` checks its further fields.
fn check_feed(feed: &Feed) -> Result<(), Failure> {
    if !PROFILES.contains(&feed.profile.as_str()) {
        return Err(Failure::bad_request("The feed's profile is `default` or `itk`."));
    }
    if feed.senders.is_empty() || feed.senders.len() > MAX_SENDERS {
        return Err(Failure::bad_request("A source that sends names its senders (MSH-3 and MSH-4), at most 50."));
    }
    let is_sender = |(application, facility): &(String, String)| {
        is_text(application, 1, MAX_SENDER) && is_text(facility, 1, MAX_SENDER)
    };
    if !feed.senders.iter().all(is_sender) {
        return Err(Failure::bad_request("A sender has both MSH-3 and MSH-4, each of at most 227 characters."));
    }
    if feed.training {
        return Err(Failure::bad_request(
            "A source of the record sends no messages for training: leave `training` out.",
        ));
    }
    if feed.wards.len() > MAX_WARDS {
        return Err(Failure::bad_request("A feed names at most 2000 wards."));
    }
    Ok(())
}

/// Refuses a sender that another system has. Messages that two systems claim are refused, so one partner could stop another's.
pub fn check_senders<'s>(draft: &SystemDraft, others: impl IntoIterator<Item = &'s System>) -> Result<(), Failure> {
    let senders = |feed: &Option<Feed>| feed.iter().flat_map(|feed| feed.senders.clone()).collect::<BTreeSet<_>>();
    let own = senders(&draft.feed);
    let is_taken = others.into_iter().any(|other| other.id != draft.id && !own.is_disjoint(&senders(&other.feed)));
    if is_taken {
        return Err(super::edit::conflict("Another system is registered with one of these senders (MSH-3 and MSH-4)."));
    }
    Ok(())
}

/// Refuses datasets that the organisation has not agreed to give. Before it has a schedule there is nothing to compare with;
/// the system then goes live only once there is one. `newest` is what the newest schedule has, signed or not.
pub fn check_schedule(
    datasets: &BTreeSet<Dataset>,
    gives: Option<&BTreeSet<Dataset>>,
    newest: Option<&BTreeSet<Dataset>>,
) -> Result<(), Failure> {
    let Some(gives) = gives else { return Ok(()) };
    let titles = |known: &BTreeSet<Dataset>| -> Vec<&'static str> {
        datasets.difference(known).map(|dataset| dataset.title()).collect()
    };
    let beyond = titles(gives);
    if beyond.is_empty() {
        return Ok(());
    }
    let unknown = newest.map_or_else(|| beyond.clone(), |newest| titles(&newest.union(gives).copied().collect()));
    if unknown.is_empty() {
        let words = "Sign the schedule first: it is not in force yet. The one in force does not have these datasets";
        return Err(Failure::bad_request(format!("{words}: {}.", beyond.join(", "))));
    }
    let words = "The data-flow schedule of the agreement does not have these datasets";
    Err(Failure::bad_request(format!("{words}: {}. Add them to the schedule first.", unknown.join(", "))))
}

/// The row that a checked draft becomes. `existing` is the row as it is.
pub fn to_system(draft: SystemDraft, organisation: OdsCode, existing: Option<&System>, now: Timestamp) -> System {
    let before = existing.map(agreed).unwrap_or_default();
    let setup = existing.map_or_else(new_setup, |system| changed_setup(system, &draft, now));
    let stages = staged(setup.stages, &before, &draft.datasets);
    let known = existing;
    System {
        // What is discreet stays so: a name that tells the care is not made public by a mistake in a form.
        discreet: known.is_some_and(System::is_discreet) || draft.kind == SystemKind::Discreet,
        authority: known.is_some_and(|system| system.authority),
        default_practice: known.and_then(|system| system.default_practice.clone()),
        suspended: known.is_some_and(|system| system.suspended),
        setup: SystemSetup { stages, contact: draft.contact.trim().to_owned(), ..setup },
        datasets: switches(&draft.datasets),
        id: draft.id,
        name: draft.name.trim().to_owned(),
        organisation,
        base_url: draft.base_url,
        kind: draft.kind,
        rhythm: draft.rhythm,
        feed: draft.feed,
    }
}

fn new_setup() -> SystemSetup {
    SystemSetup { live: false, ..SystemSetup::default() }
}

/// A system at another address is not live until that was checked. Another host, moreover, must never receive the credentials
/// of the one before.
fn changed_setup(system: &System, draft: &SystemDraft, now: Timestamp) -> SystemSetup {
    let mut setup = system.setup.clone();
    if system.base_url != draft.base_url {
        setup.interrupt(now);
    }
    if address::origin(&system.base_url) != address::origin(&draft.base_url) {
        setup.credentials = None;
    }
    setup
}

/// Each dataset that is new begins switched off, whatever rules it had before it was taken away.
pub fn staged(mut stages: Stages, before: &BTreeSet<Dataset>, now: &BTreeSet<Dataset>) -> Stages {
    for dataset in now.difference(before) {
        stages.rules.retain(|rule| rule.dataset != *dataset);
        stages.set(StageRule { dataset: *dataset, unit: None, receiver: None, stage: Stage::Off });
    }
    stages
}

fn switches(agreed: &BTreeSet<Dataset>) -> BTreeMap<Dataset, DatasetSwitch> {
    let switch = |dataset: &Dataset| {
        if agreed.contains(dataset) { DatasetSwitch::On } else { DatasetSwitch::NotConnected }
    };
    Dataset::ALL.iter().map(|dataset| (*dataset, switch(dataset))).collect()
}

/// The draft that a row came from.
pub fn of_system(system: &System) -> SystemDraft {
    SystemDraft {
        id: system.id.clone(),
        name: system.name.clone(),
        kind: system.kind.clone(),
        base_url: system.base_url.clone(),
        datasets: agreed(system),
        rhythm: system.rhythm.clone(),
        feed: system.feed.clone(),
        contact: system.setup.contact.clone(),
    }
}

/// Refuses an id for something new that the portal's addresses use.
pub fn check_not_reserved(id: &str) -> Result<(), Failure> {
    if RESERVED.contains(&id) {
        let words = format!("The portal uses the short name {id} itself: choose another one.");
        return Err(Failure::bad_request(words));
    }
    Ok(())
}

/// Whether a text has this many characters and no control characters.
pub fn is_text(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.trim().chars().count()) && !text.contains(char::is_control)
}

/// Whether a text is of small letters, digits and hyphens, with no hyphen at its ends.
pub fn is_name(text: &str, most: usize) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=most).contains(&text.len()) && text.bytes().all(is_plain) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
