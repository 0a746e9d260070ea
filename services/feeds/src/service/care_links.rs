//! Publishes evidence that an organisation cares for a person, within the transaction of the message. Remembers who is on
//! each list, so that a newer list ends the evidence of those it lacks.

use lcr_contracts::events::{CareLink, CareLinkReceived};
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::{DatabaseTransaction, DbErr};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::publish::seal;
use crate::{
    domain::{CareLinkDeletion, CareLinkUpdate, CareList, KnownList, digest, next_version},
    store::last_known,
};

/// Evidence as last published.
#[derive(Serialize, Deserialize)]
struct KnownLink {
    person: LocalId,
    link: CareLink,
}

/// The event of evidence. A late version is published unchanged, and consumers ignore it.
pub async fn link_event(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    update: CareLinkUpdate,
) -> Result<CareLinkReceived, DbErr> {
    let id = row_id(&update.identity.source, &update.key);
    let before = last_known::get(tx, &id).await?.map(|row| row.version);
    let version = next_version(before, update.sent);
    if before.is_none_or(|before| version > before) {
        let known = KnownLink { person: update.identity.local_id.clone(), link: update.link.clone() };
        store(tx, keys, id, version, &known).await?;
    }
    event(keys, update, version)
}

/// The events of a list: of each person whose evidence changed. A late list changes nothing, because it cannot know who was
/// taken off since.
pub async fn list_events(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    list: CareList,
) -> Result<Vec<CareLinkReceived>, DbErr> {
    let id = row_id(&list.source, &list.key);
    let (before, known) = load::<KnownList>(tx, keys, &id).await?.unzip();
    let version = next_version(before, list.sent);
    if before.is_some_and(|before| version <= before) {
        return Ok(vec![]);
    }
    let (links, now) = list.changes(known.flatten().as_ref());
    store(tx, keys, id, version, &now).await?;
    links.into_iter().map(|update| event(keys, update, version)).collect()
}

/// The events of a deletion: the evidence no longer stands.
pub async fn deletion_events(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    deletion: CareLinkDeletion,
) -> Result<Vec<CareLinkReceived>, DbErr> {
    let id = row_id(&deletion.source, &deletion.key);
    if deletion.is_of_list() {
        let known = load::<KnownList>(tx, keys, &id).await?.and_then(|(_, known)| known);
        return match known {
            Some(known) => list_events(tx, keys, known.emptied(deletion)).await,
            None => Ok(vec![]),
        };
    }
    let Some((_, Some(known))) = load::<KnownLink>(tx, keys, &id).await? else { return Ok(vec![]) };
    let CareLinkDeletion { source, key, sent, .. } = deletion;
    let identity = SourceIdentity { source, local_id: known.person };
    let link =
        CareLink { until: Some(known.link.until.map_or(sent, |until| until.min(sent))), stands: false, ..known.link };
    Ok(vec![link_event(tx, keys, CareLinkUpdate { identity, key, link, sent }).await?])
}

/// Whether the deleted evidence is known, or an item decides that.
pub async fn is_known(tx: &DatabaseTransaction, deletion: &CareLinkDeletion) -> Result<bool, DbErr> {
    Ok(deletion.is_item || last_known::get(tx, &row_id(&deletion.source, &deletion.key)).await?.is_some())
}

fn event(keys: &DataKeys, update: CareLinkUpdate, version: i64) -> Result<CareLinkReceived, DbErr> {
    let sealed = seal(keys, "feeds/care-link", &update.link)?;
    Ok(CareLinkReceived { identity: update.identity, link: update.key, version, sealed })
}

/// The version and the body of a row. The body is `None` if it cannot be read.
async fn load<T: DeserializeOwned>(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    id: &str,
) -> Result<Option<(i64, Option<T>)>, DbErr> {
    let Some(row) = last_known::get(tx, id).await? else { return Ok(None) };
    let plain = row.sealed.and_then(|sealed| keys.open(&associated_data(id), &sealed).ok());
    Ok(Some((row.version, plain.and_then(|plain| serde_json::from_slice(&plain).ok()))))
}

async fn store(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    id: String,
    version: i64,
    body: &impl Serialize,
) -> Result<(), DbErr> {
    let sealed = Some(seal(keys, &associated_data(&id), body)?);
    last_known::upsert(tx, last_known::Row { id, version, sealed }).await
}

fn row_id(source: &SourceId, key: &str) -> String {
    digest(&["care-link", source.as_str(), key])
}

fn associated_data(id: &str) -> String {
    format!("feeds/care-links/{id}")
}
