//! Publishes the events of a mapped message, sealed, within the transaction of the message. Fills fields that the message
//! leaves out from what its source sent before. Must never publish one part of a message without the others.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::{
    events::{
        DemographicsReceived, EncounterReceived, HashedPatient, ItemReceived, PushedItem, PushedKind, SourcePatient,
    },
    spell::SpellMessage,
};
use lcr_model::{SourceIdentity, SpellId, seal::DataKeys};
use lcr_store::NewEvent;
use sea_orm::DbErr;
use serde::Serialize;
use serde_json::Value;

use super::{
    care_links,
    item_index::ItemIndex,
    legacy_ids,
    link_limit::{LIMIT_REASON, LinkCounts},
    message_events::Events,
    publish_checks::find_obstacle,
    stay_store,
};
use crate::{
    domain::{
        Change, Item, MappedEvent, MappingError, PatientUpdate, ResolvedEvent, Withdrawal, apply_change, mark_deleted,
        next_version, patient_details, refile, withhold_unreleased,
    },
    store::last_known::{LastKnown, Row},
};

/// The result of publishing.
pub enum PublishOutcome {
    /// What to publish.
    Events(Vec<NewEvent>),
    /// Nothing was published: the message waits.
    Waits { reason: String, location: Option<String> },
}

impl PublishOutcome {
    pub(super) fn waits(reason: &str, location: Option<&str>) -> Self {
        Self::Waits { reason: reason.to_owned(), location: location.map(str::to_owned) }
    }
}

impl From<MappingError> for PublishOutcome {
    fn from(error: MappingError) -> Self {
        match error {
            MappingError::Waiting { reason, location } => Self::Waits { reason, location },
            MappingError::Fault(fault) => Self::Waits { location: Some(fault.location()), reason: fault.text },
        }
    }
}

/// The events of whatever the message changes. If one part cannot be published, none is, and nothing changes.
pub async fn publish(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    now: Timestamp,
    mapped: Vec<MappedEvent>,
) -> Result<PublishOutcome, DbErr> {
    let outcome = apply(last_known, keys, now, mapped).await?;
    match &outcome {
        PublishOutcome::Events(_) => last_known.keep_changes(),
        PublishOutcome::Waits { .. } => last_known.discard_changes(),
    }
    Ok(outcome)
}

async fn apply(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    now: Timestamp,
    mut mapped: Vec<MappedEvent>,
) -> Result<PublishOutcome, DbErr> {
    let mut items = ItemIndex::new(last_known, keys);
    if let Some(waits) = find_obstacle(last_known, keys, &mut items, &mapped).await? {
        return Ok(waits);
    }
    let Some(counts) = LinkCounts::after(last_known, keys, now, &mapped).await? else {
        return Ok(PublishOutcome::waits(LIMIT_REASON, None));
    };
    legacy_ids::replace_legacy_ids(last_known, &mut items, &mut mapped).await?;
    let mapped = match stay_store::resolve_stays(last_known, keys, mapped).await? {
        Ok(mapped) => mapped,
        Err(error) => return Ok(error.into()),
    };
    counts.store(last_known);
    let mut people: HashMap<SourceIdentity, SourcePatient> = HashMap::new();
    let mut events = Events::default();
    for event in mapped {
        match event {
            ResolvedEvent::Demographics(patient) => {
                let identity = patient.identity.clone();
                items.store_replaced(&patient).await?;
                let (details, person_event) = update_person(last_known, keys, patient).await?;
                people.insert(identity, details);
                events.people.extend(person_event);
            }
            ResolvedEvent::Encounter(spell, message) => {
                events.stays.push(encounter_event(keys, &people, spell, *message)?);
            }
            ResolvedEvent::Item(item, stay) => {
                events.items.push(update_item(&mut items, keys, item, stay).await?);
            }
            ResolvedEvent::Withdrawal(withdrawal) => {
                events.items.extend(withdraw_resource(&mut items, keys, withdrawal).await?);
            }
            ResolvedEvent::CareLink(link) => events.links.extend(care_links::link_event(last_known, keys, link).await?),
            ResolvedEvent::CareList(list) => {
                events.links.extend(care_links::list_events(last_known, keys, list).await?);
            }
            ResolvedEvent::CareLinkDeletion(deletion) => {
                events.links.extend(care_links::deletion_events(last_known, keys, deletion).await?);
            }
        }
    }
    events.in_order(now).map(PublishOutcome::Events)
}

/// Seals a body as JSON.
pub(super) fn seal(keys: &DataKeys, associated_data: &str, body: &impl Serialize) -> Result<String, DbErr> {
    let plain = serde_json::to_vec(body).map_err(|error| DbErr::Json(error.to_string()))?;
    keys.seal(associated_data, &plain).map_err(|error| DbErr::Custom(error.to_string()))
}

/// Updates a person, and returns the new details with an event if anything changed. Merged ids go into this event only and
/// are never stored: the source may give them to somebody else later.
async fn update_person(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    mut patient: PatientUpdate,
) -> Result<(SourcePatient, Option<DemographicsReceived>), DbErr> {
    let (identity, sent) = (patient.identity.clone(), patient.sent);
    let id = legacy_ids::person_row_id(&identity.source, &identity.local_id);
    let associated_data = format!("feeds/people/{id}");
    let stored = last_known.get(&id).await?;
    let replaces = std::mem::take(&mut patient.replaces);
    let own_id = patient.own_id();
    let mut known = stored.as_ref().and_then(|row| {
        let plain = keys.open(&associated_data, row.sealed.as_deref()?).ok()?;
        serde_json::from_slice::<SourcePatient>(&plain).ok()
    });
    let mut last = stored.map(|row| row.version);
    if last.is_none()
        && let Some((version, details)) =
            legacy_ids::find_legacy_details(last_known, keys, &identity, &patient.assigned).await?
    {
        (last, known) = (Some(version), Some(details));
    }
    let sent_as = next_version(last, sent);
    // Consumers ignore versions below their own, so a late merge still needs a higher version.
    let version = last.map_or(sent_as, |last| sent_as.max(last + 1));
    let details = match &known {
        Some(known) if sent_as < version => known.clone(),
        _ => patient.apply_to(known.clone()),
    };
    if known.as_ref() == Some(&details) && replaces.is_empty() {
        return Ok((details, None));
    }
    let sealed = seal(keys, &associated_data, &details)?;
    last_known.upsert(Row { id, version, sealed: Some(sealed) });
    let body = HashedPatient { patient: SourcePatient { replaces, ..details.clone() }, own_id };
    let body = seal(keys, "feeds/demographics", &body)?;
    Ok((details, Some(DemographicsReceived { identity, version, sealed: body })))
}

fn encounter_event(
    keys: &DataKeys,
    people: &HashMap<SourceIdentity, SourcePatient>,
    spell: SpellId,
    mut message: SpellMessage,
) -> Result<EncounterReceived, DbErr> {
    if let Some(patient) = people.get(&message.identity) {
        message.patient = patient_details(patient);
    }
    Ok(EncounterReceived {
        identity: message.identity.clone(),
        spell,
        version: message.received.as_microsecond(),
        sealed: seal(keys, "feeds/encounter", &message)?,
    })
}

/// Updates an item, filling the parts a new version leaves out from the version before. A late version is published
/// unchanged, and consumers ignore it.
async fn update_item(
    items: &mut ItemIndex<'_>,
    keys: &DataKeys,
    mut item: Item,
    stay: Option<SpellId>,
) -> Result<ItemReceived, DbErr> {
    let location = items.locate(&item).await?;
    let source = item.identity.source.clone();
    let last = items.latest(&source, item.kind, &location).await?;
    if location.local_id != item.identity.local_id {
        let identity = SourceIdentity { source: source.clone(), local_id: location.local_id.clone() };
        item = refile(item, identity, last.as_ref().and_then(|last| last.item.as_ref()));
    }
    let before = last.as_ref().map(|last| last.version);
    let version = next_version(before, item.sent);
    let mut pushed = item.pushed;
    if before.is_none_or(|before| version > before) {
        pushed = apply_change(&item.change, last.and_then(|last| last.item), pushed);
        let stored = (item.change != Change::Standalone).then_some(&pushed);
        items.store_version(&source, item.kind, &location, version, stored)?;
        if !item.names.is_empty() {
            let names = item.names.into_iter().chain(pushed.resources.iter().skip(1).filter_map(resource_name));
            items.store_names(&source, item.kind, names, &location).await?;
        }
    }
    item_event(keys, item.kind, item.identity, location.key, stay, version, pushed)
}

/// The `Type/id` of a resource.
fn resource_name(resource: &Value) -> Option<String> {
    Some(format!("{}/{}", resource["resourceType"].as_str()?, resource["id"].as_str()?))
}

/// Removes a deleted resource from its item. `None` if a newer version has arrived since.
async fn withdraw_resource(
    items: &mut ItemIndex<'_>,
    keys: &DataKeys,
    withdrawal: Withdrawal,
) -> Result<Option<ItemReceived>, DbErr> {
    let Some((location, last)) = items.locate_withdrawn(&withdrawal).await? else { return Ok(None) };
    let version = next_version(Some(last.version), withdrawal.sent);
    let Some(item) = last.item.filter(|_| version > last.version) else { return Ok(None) };
    let pushed = mark_deleted(item, &withdrawal.name);
    items.store_version(&withdrawal.source, withdrawal.kind, &location, version, Some(&pushed))?;
    let identity = SourceIdentity { source: withdrawal.source, local_id: location.local_id };
    item_event(keys, withdrawal.kind, identity, location.key, None, version, pushed).map(Some)
}

fn item_event(
    keys: &DataKeys,
    kind: PushedKind,
    identity: SourceIdentity,
    item: String,
    spell: Option<SpellId>,
    version: i64,
    pushed: PushedItem,
) -> Result<ItemReceived, DbErr> {
    let sealed = seal(keys, "feeds/item", &withhold_unreleased(pushed))?;
    Ok(ItemReceived { kind, item, spell, version, sealed, identity })
}
