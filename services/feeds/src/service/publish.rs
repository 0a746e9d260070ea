//! Sealing what was mapped and writing it to the log, inside the message's own transaction. Here what a message
//! left out is filled from what its source said before.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::{
    events::{DemographicsReceived, EncounterReceived, ItemReceived, SourcePatient},
    spell::SpellMessage,
};
use lcr_model::{SourceIdentity, SpellId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};
use serde::Serialize;

use super::known_stays::{self, Resolved};
use crate::{
    domain::{Change, Item, Mapped, NotMapped, PatientTold, digest, next_version, over, released, said},
    store::held,
};

/// What came of publishing.
pub enum Published {
    /// This many events.
    Events(i32),
    /// Nothing: the message waits.
    Waits { words: String, place: Option<String> },
}

/// Publishes. Nothing that is as it was is said again; where one part of a message cannot be told, none is.
pub async fn publish(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    now: Timestamp,
    mapped: Vec<Mapped>,
) -> Result<Published, DbErr> {
    let mapped = match known_stays::resolve(tx, keys, mapped).await? {
        Ok(mapped) => mapped,
        Err(NotMapped::Waits { words, place }) => return Ok(Published::Waits { words, place }),
        Err(NotMapped::Fault(fault)) => {
            return Ok(Published::Waits { place: Some(fault.place()), words: fault.words });
        }
    };
    let mut people: HashMap<SourceIdentity, SourcePatient> = HashMap::new();
    let (mut told, mut stays, mut items) = (vec![], vec![], vec![]);
    for one in mapped {
        match one {
            Resolved::Demographics(patient) => {
                let identity = patient.identity.clone();
                let (known, event) = person(tx, keys, patient).await?;
                people.insert(identity, known);
                told.extend(event);
            }
            Resolved::Encounter(spell, message) => stays.push(stay(keys, &people, spell, *message)?),
            Resolved::Item(one) => items.push(item(tx, keys, one).await?),
        }
    }
    Store::publish(tx, now, &told).await?;
    Store::publish(tx, now, &stays).await?;
    Store::publish(tx, now, &items).await?;
    let events = told.len() + stays.len() + items.len();
    Ok(Published::Events(i32::try_from(events).unwrap_or(i32::MAX)))
}

pub(super) fn sealed(keys: &DataKeys, place: &str, body: &impl Serialize) -> Result<String, DbErr> {
    let plain = serde_json::to_vec(body).map_err(|error| DbErr::Json(error.to_string()))?;
    keys.seal(place, &plain).map_err(|error| DbErr::Custom(error.to_string()))
}

/// What the source says of the person now, and the event if that is news. Merged ids are told in the event of the
/// message that told them, however late it came, and never kept: the source may give them to somebody else.
async fn person(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    mut told: PatientTold,
) -> Result<(SourcePatient, Option<DemographicsReceived>), DbErr> {
    let (identity, sent) = (told.identity.clone(), told.sent);
    let id = digest(&["person", identity.source.as_str(), &identity.local_id.0]);
    let place = format!("feeds/people/{id}");
    let held = held::get(tx, &id).await?;
    let replaces = std::mem::take(&mut told.replaces);
    let known = held.as_ref().and_then(|row| {
        let plain = keys.open(&place, row.sealed.as_deref()?).ok()?;
        serde_json::from_slice::<SourcePatient>(&plain).ok()
    });
    let last = held.map(|row| row.version);
    let sent_as = next_version(last, sent);
    // Consumers take nothing below what they hold: an older merge goes out above it.
    let version = last.map_or(sent_as, |last| sent_as.max(last + 1));
    let patient = match &known {
        Some(known) if sent_as < version => known.clone(),
        _ => told.over(known.clone()),
    };
    if known.as_ref() == Some(&patient) && replaces.is_empty() {
        return Ok((patient, None));
    }
    let kept = sealed(keys, &place, &patient)?;
    held::keep(tx, held::Row { id, version, sealed: Some(kept) }).await?;
    let body = sealed(keys, "feeds/demographics", &SourcePatient { replaces, ..patient.clone() })?;
    Ok((patient, Some(DemographicsReceived { identity, version, sealed: body })))
}

fn stay(
    keys: &DataKeys,
    people: &HashMap<SourceIdentity, SourcePatient>,
    spell: SpellId,
    mut message: SpellMessage,
) -> Result<EncounterReceived, DbErr> {
    if let Some(patient) = people.get(&message.identity) {
        message.patient = said(patient);
    }
    Ok(EncounterReceived {
        identity: message.identity.clone(),
        spell,
        version: message.received.as_microsecond(),
        sealed: sealed(keys, "feeds/encounter", &message)?,
    })
}

/// The item as it is now. What a version leaves out is filled from the version before it, which is kept sealed; a
/// version that comes late goes out as it is, and consumers ignore it.
async fn item(tx: &DatabaseTransaction, keys: &DataKeys, item: Item) -> Result<ItemReceived, DbErr> {
    let local_id = &item.identity.local_id.0;
    let kind = format!("{:?}", item.kind);
    let id = digest(&["item", &kind, item.identity.source.as_str(), local_id, &item.key]);
    let place = format!("feeds/items/{id}");
    let before = held::get(tx, &id).await?;
    let last = before.as_ref().map(|row| row.version);
    let version = next_version(last, item.sent);
    let mut pushed = item.pushed;
    if last.is_none_or(|last| version > last) {
        let known = before.and_then(|row| keys.open(&place, row.sealed.as_deref()?).ok());
        let known = known.and_then(|plain| serde_json::from_slice(&plain).ok());
        pushed = over(&item.change, known, pushed);
        let kept = if item.change == Change::Alone { None } else { Some(sealed(keys, &place, &pushed)?) };
        held::keep(tx, held::Row { id, version, sealed: kept }).await?;
    }
    Ok(ItemReceived {
        kind: item.kind,
        item: item.key,
        spell: item.spell,
        version,
        sealed: sealed(keys, "feeds/item", &released(pushed))?,
        identity: item.identity,
    })
}
