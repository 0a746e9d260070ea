//! Publishes evidence that an organisation cares for a person, within the transaction of the message. Remembers who is on
//! each list, so that a newer list ends the evidence of those it lacks.

use lcr_contracts::events::{CareLink, CareLinkReceived};
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::publish::seal;
use crate::{
    domain::{CareLinkDeletion, CareLinkUpdate, CareList, ListState, MappedEvent, digest, next_version},
    store::last_known::{LastKnown, Row},
};

/// Why a message waits whose earlier evidence cannot be read: nobody knows whom or what it would end.
pub const UNREADABLE_REASON: &str = "what is stored of the earlier versions of this evidence cannot be read";

/// Evidence as last published.
#[derive(Serialize, Deserialize)]
struct LinkState {
    person: LocalId,
    link: CareLink,
}

/// The event of evidence. A late version is published unchanged, and consumers ignore it. After an end without an event
/// consumers could not, so nothing is published.
pub async fn link_event(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    update: CareLinkUpdate,
) -> Result<Option<CareLinkReceived>, DbErr> {
    let id = row_id(&update.identity.source, &update.key);
    let before = last_known.get(&id).await?;
    let version = next_version(before.as_ref().map(|row| row.version), update.sent);
    match before {
        Some(row) if version <= row.version && row.sealed.is_none() => return Ok(None),
        Some(row) if version <= row.version => {}
        _ => {
            let known = LinkState { person: update.identity.local_id.clone(), link: update.link.clone() };
            store(last_known, keys, id, version, &known)?;
        }
    }
    event(keys, update, version).map(Some)
}

/// The events of a list: of each person whose evidence changed. A late list changes nothing, because it cannot know who was
/// taken off since.
pub async fn list_events(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    list: CareList,
) -> Result<Vec<CareLinkReceived>, DbErr> {
    let id = row_id(&list.source, &list.key);
    let (before, known) = load::<ListState>(last_known, keys, &id).await?.unzip();
    let version = next_version(before, list.sent);
    if before.is_some_and(|before| version <= before) {
        return Ok(vec![]);
    }
    let (links, now) = list.changes(known.flatten().as_ref());
    store(last_known, keys, id, version, &now)?;
    links.into_iter().map(|update| event(keys, update, version)).collect()
}

/// The events of a deletion: the evidence no longer stands. Without known evidence only its version is stored, so that an
/// older version that arrives later does not count.
pub async fn deletion_events(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    deletion: CareLinkDeletion,
) -> Result<Vec<CareLinkReceived>, DbErr> {
    let id = row_id(&deletion.source, &deletion.key);
    if deletion.is_of_list() {
        let known = load::<ListState>(last_known, keys, &id).await?.and_then(|(_, known)| known);
        return match known {
            Some(known) => list_events(last_known, keys, known.emptied(deletion)).await,
            None => Ok(vec![]),
        };
    }
    let (before, known) = load::<LinkState>(last_known, keys, &id).await?.unzip();
    let CareLinkDeletion { source, key, sent, .. } = deletion;
    let Some(known) = known.flatten() else {
        let version = next_version(before, sent);
        if before.is_none_or(|before| version > before) {
            last_known.upsert(Row { id, version, sealed: None });
        }
        return Ok(vec![]);
    };
    let identity = SourceIdentity { source, local_id: known.person };
    let link =
        CareLink { until: Some(known.link.until.map_or(sent, |until| until.min(sent))), stands: false, ..known.link };
    let ended = link_event(last_known, keys, CareLinkUpdate { identity, key, link, sent }).await?;
    Ok(ended.into_iter().collect())
}

/// Whether the deleted evidence is known, or an item decides that.
pub async fn is_known(last_known: &LastKnown<'_>, deletion: &CareLinkDeletion) -> Result<bool, DbErr> {
    Ok(deletion.is_item || last_known.get(&row_id(&deletion.source, &deletion.key)).await?.is_some())
}

/// Whether what is stored of the list or the deleted evidence can be read.
pub async fn is_readable(last_known: &LastKnown<'_>, keys: &DataKeys, event: &MappedEvent) -> Result<bool, DbErr> {
    let (source, key, is_list) = match event {
        MappedEvent::CareList(list) => (&list.source, &list.key, true),
        MappedEvent::CareLinkDeletion(deletion) => (&deletion.source, &deletion.key, deletion.is_of_list()),
        _ => return Ok(true),
    };
    let Some(row) = last_known.get(&row_id(source, key)).await? else { return Ok(true) };
    Ok(if is_list { open::<ListState>(keys, row).is_ok() } else { open::<LinkState>(keys, row).is_ok() })
}

/// The people for whom the event brings evidence under a key that is not stored yet.
pub async fn newly_linked_people(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    event: &MappedEvent,
) -> Result<Vec<SourceIdentity>, DbErr> {
    match event {
        MappedEvent::CareLink(update) => {
            let known = last_known.get(&row_id(&update.identity.source, &update.key)).await?;
            let is_known = known.is_some_and(|row| row.sealed.is_some());
            Ok(if is_known { vec![] } else { vec![update.identity.clone()] })
        }
        MappedEvent::CareList(list) => {
            let (before, known) = load::<ListState>(last_known, keys, &row_id(&list.source, &list.key)).await?.unzip();
            if before.is_some_and(|before| next_version(Some(before), list.sent) <= before) {
                return Ok(vec![]);
            }
            let known = known.flatten();
            let is_new = |person: &&LocalId| known.as_ref().is_none_or(|known| !known.has(person));
            let identity = |id: &LocalId| SourceIdentity { source: list.source.clone(), local_id: id.clone() };
            Ok(list.members.keys().filter(is_new).map(identity).collect())
        }
        _ => Ok(vec![]),
    }
}

/// The row of the evidence that the event is about.
pub fn event_row_id(event: &MappedEvent) -> Option<String> {
    match event {
        MappedEvent::CareLink(update) => Some(row_id(&update.identity.source, &update.key)),
        MappedEvent::CareList(list) => Some(row_id(&list.source, &list.key)),
        MappedEvent::CareLinkDeletion(deletion) => Some(row_id(&deletion.source, &deletion.key)),
        _ => None,
    }
}

fn event(keys: &DataKeys, update: CareLinkUpdate, version: i64) -> Result<CareLinkReceived, DbErr> {
    let sealed = seal(keys, "feeds/care-link", &update.link)?;
    Ok(CareLinkReceived { identity: update.identity, link: update.key, version, sealed })
}

/// The version and the body of a row. The body is `None` if the evidence ended before it was known.
async fn load<T: DeserializeOwned>(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    id: &str,
) -> Result<Option<(i64, Option<T>)>, DbErr> {
    let Some(row) = last_known.get(id).await? else { return Ok(None) };
    let version = row.version;
    Ok(Some((version, open(keys, row)?)))
}

/// The body of a row. One that cannot be read is an error, never absent: what it holds could not be ended.
fn open<T: DeserializeOwned>(keys: &DataKeys, row: Row) -> Result<Option<T>, DbErr> {
    let Some(sealed) = row.sealed else { return Ok(None) };
    let plain = keys.open(&associated_data(&row.id), &sealed).ok();
    let body = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    body.map(Some).ok_or_else(|| DbErr::Custom(UNREADABLE_REASON.to_owned()))
}

fn store(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    id: String,
    version: i64,
    body: &impl Serialize,
) -> Result<(), DbErr> {
    let sealed = Some(seal(keys, &associated_data(&id), body)?);
    last_known.upsert(Row { id, version, sealed });
    Ok(())
}

fn row_id(source: &SourceId, key: &str) -> String {
    digest(&["care-link", source.as_str(), key])
}

fn associated_data(id: &str) -> String {
    format!("feeds/care-links/{id}")
}
