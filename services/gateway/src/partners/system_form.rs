//! The form of a source system: its name, address, datasets, rhythm and the messages that it sends. Fields of its feed that the
//! form does not have stay as they are.

use std::collections::BTreeSet;

use lcr_contracts::{partners::system::SystemDraft, registry::Feed, vocabulary::SystemKind};
use lcr_model::{Dataset, SourceId};

use crate::{
    forms::{form::Form, form_input::Values},
    partners::{kinds::system_kinds, partner::Partner},
};

const NO_FEED: &str = "none";
const SENDERS: &str = "senders";

/// The fields of a system. `draft` is `None` for a new one, whose id is typed.
pub(crate) fn system_fields(form: Form, partner: &Partner, draft: Option<&SystemDraft>) -> Form {
    let text = |of: fn(&SystemDraft) -> String| draft.map(of).unwrap_or_default();
    let form = match draft {
        Some(_) => form,
        None => form.line(
            "id",
            "Short name",
            "Small letters, digits and hyphens, at most 40. It is unique in the city and never changes.",
            "",
        ),
    };
    let kind = draft.map(|one| &one.kind);
    let datasets = draft.map(|one| one.datasets.clone()).unwrap_or_default();
    let form = form
        .line("name", "Name", "As readers of a record see it.", text(|one| one.name.clone()))
        .select("kind", "Kind of system", system_kinds(kind), kind.map_or("", SystemKind::as_str))
        .line(
            "base_url",
            "Address of its FHIR R4 interface",
            "Such as https://fhir.example.nhs.uk/r4. Leave it empty for a system that only sends messages.",
            text(|one| one.base_url.clone()),
        )
        .datasets("datasets", "What it gives", "", &offered(partner, &datasets), |one| datasets.contains(&one))
        .radios("rhythm", "How soon its data is there", rhythms(), draft.map_or("real-time", |one| one.rhythm.as_str()))
        .line("contact", "Contact about the system", "A name, and how to reach them.", text(|one| one.contact.clone()));
    feed_fields(form, draft.and_then(|one| one.feed.as_ref()))
}

fn feed_fields(form: Form, feed: Option<&Feed>) -> Form {
    let profile = feed.map_or(NO_FEED, |feed| feed.profile.as_str());
    let line = |(application, facility): &(String, String)| format!("{application} | {facility}");
    let senders = feed.map(|feed| feed.senders.iter().map(line).collect::<Vec<_>>()).unwrap_or_default();
    form.radios("profile", "Messages (HL7 v2) that it sends", profiles(profile), profile).long(
        SENDERS,
        "How its messages name it",
        "One a line: MSH-3, a bar, MSH-4. Such as: PAS | RR8.",
        senders.join("\n"),
    )
}

/// What the schedule gives, or every dataset before there is one. What is chosen stays on offer.
fn offered(partner: &Partner, chosen: &BTreeSet<Dataset>) -> Vec<Dataset> {
    let gives = partner.file.agreement.schedule.as_ref().map(|schedule| &schedule.gives);
    let is_offered = |one: &Dataset| gives.is_none_or(|gives| gives.contains(one)) || chosen.contains(one);
    Dataset::ALL.iter().copied().filter(is_offered).collect()
}

fn rhythms() -> Vec<(String, String)> {
    vec![("real-time".into(), "At once".into()), ("nightly".into(), "Once a night".into())]
}

/// The profiles on offer, and the one in use if it is another.
fn profiles(current: &str) -> Vec<(String, String)> {
    let mut profiles = vec![
        (NO_FEED.to_owned(), "None".to_owned()),
        ("default".to_owned(), "HL7 v2, with ward, bay and bed in PV1-3 in this order".to_owned()),
        ("itk".to_owned(), "HL7 v2 by the ITK specification".to_owned()),
    ];
    if !profiles.iter().any(|(value, _)| value == current) {
        profiles.push((current.to_owned(), current.to_owned()));
    }
    profiles
}

/// # Errors
/// What is wrong, without what was typed.
pub(crate) fn read_system(values: &Values, draft: Option<&SystemDraft>) -> Result<SystemDraft, String> {
    let id = match draft {
        Some(draft) => draft.id.clone(),
        None => SourceId::new(values.optional("id").ok_or_else(|| "Enter a short name.".to_owned())?),
    };
    Ok(SystemDraft {
        id,
        name: values.optional("name").ok_or_else(|| "Enter the name of the system.".to_owned())?,
        kind: values.optional("kind").ok_or_else(|| "Choose the kind of system.".to_owned())?.into(),
        base_url: values.text("base_url"),
        datasets: values.datasets("datasets"),
        rhythm: values.optional("rhythm").ok_or_else(|| "Choose how soon its data is there.".to_owned())?,
        feed: read_feed(values, draft.and_then(|draft| draft.feed.as_ref()))?,
        contact: values.text("contact"),
    })
}

fn read_feed(values: &Values, before: Option<&Feed>) -> Result<Option<Feed>, String> {
    let profile = values.text("profile");
    if profile.is_empty() || profile == NO_FEED {
        return Ok(None);
    }
    let senders = values.pairs(SENDERS, '|', "the senders")?;
    Ok(Some(Feed { senders, profile, ..before.cloned().unwrap_or_default() }))
}
