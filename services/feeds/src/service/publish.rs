//! Sealing what was mapped and writing it to the log, inside the message's own transaction. Here what a message
//! left out is filled from what its source said before.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::{
    events::{
        DemographicsReceived, EncounterReceived, HashedPatient, ItemReceived, Pushed, PushedItem,
        SourcePatient,
    },
    spell::SpellMessage,
};
use lcr_model::{SourceIdentity, SpellId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};
use serde::Serialize;
use serde_json::Value;

use super::{filing::Filing, in_clear, known_stays, merged_numbers};
use crate::{
    domain::{
        Change, Item, Mapped, NotMapped, PatientTold, Resolved, Withdrawal, filed_as, next_version, over,
        released, said, without,
    },
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
    mut mapped: Vec<Mapped>,
) -> Result<Published, DbErr> {
    let mut filing = Filing::new(tx, keys);
    for one in &mapped {
        if let Mapped::Withdrawal(one) = one
            && filing.withdrawn(one).await?.is_none()
        {
            let words =
                "a resource that the Bundle deletes is not known here under that id, or not of one person";
            return Ok(Published::Waits { words: words.to_owned(), place: Some("request".to_owned()) });
        }
    }
    if merged_numbers::differ(tx, keys, &mapped).await? {
        return Ok(Published::Waits {
            words: merged_numbers::WORDS.to_owned(),
            place: Some("MRG-1".to_owned()),
        });
    }
    in_clear::replace(tx, &mut filing, &mut mapped).await?;
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
                filing.merge(&patient).await?;
                let (known, event) = person(tx, keys, patient).await?;
                people.insert(identity, known);
                told.extend(event);
            }
            Resolved::Encounter(spell, message) => stays.push(stay(keys, &people, spell, *message)?),
            Resolved::Item(one, stay) => items.push(item(&mut filing, keys, one, stay).await?),
            Resolved::Withdrawal(one) => items.extend(withdrawal(&mut filing, keys, one).await?),
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
    let id = in_clear::person_row(&identity.source, &identity.local_id);
    let place = format!("feeds/people/{id}");
    let held = held::get(tx, &id).await?;
    let replaces = std::mem::take(&mut told.replaces);
    let own_id = told.own_id();
    let known = held.as_ref().and_then(|row| {
        let plain = keys.open(&place, row.sealed.as_deref()?).ok()?;
        serde_json::from_slice::<SourcePatient>(&plain).ok()
    });
    let mut last = held.map(|row| row.version);
    let mut known = known;
    if last.is_none()
        && let Some((version, said)) = in_clear::said_before(tx, keys, &identity, &told.assigned).await?
    {
        (last, known) = (Some(version), Some(said));
    }
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
    let body = HashedPatient { patient: SourcePatient { replaces, ..patient.clone() }, own_id };
    let body = sealed(keys, "feeds/demographics", &body)?;
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
async fn item(
    filing: &mut Filing<'_>,
    keys: &DataKeys,
    mut item: Item,
    stay: Option<SpellId>,
) -> Result<ItemReceived, DbErr> {
    let place = filing.place(&item).await?;
    let source = item.identity.source.clone();
    let last = filing.last(&source, item.kind, &place).await?;
    if place.local_id != item.identity.local_id {
        let identity = SourceIdentity { source: source.clone(), local_id: place.local_id.clone() };
        item = filed_as(item, identity, last.as_ref().and_then(|last| last.item.as_ref()));
    }
    let before = last.as_ref().map(|last| last.version);
    let version = next_version(before, item.sent);
    let mut pushed = item.pushed;
    if before.is_none_or(|before| version > before) {
        pushed = over(&item.change, last.and_then(|last| last.item), pushed);
        let kept = (item.change != Change::Alone).then_some(&pushed);
        filing.keep(&source, item.kind, &place, version, kept).await?;
        if !item.names.is_empty() {
            let names = item.names.into_iter().chain(pushed.resources.iter().skip(1).filter_map(name));
            filing.name(&source, item.kind, names, &place).await?;
        }
    }
    received(keys, item.kind, item.identity, place.key, stay, version, pushed)
}

/// `Type/id`.
fn name(resource: &Value) -> Option<String> {
    Some(format!("{}/{}", resource["resourceType"].as_str()?, resource["id"].as_str()?))
}

/// The item without what was deleted of it; none where a newer version has come since.
async fn withdrawal(
    filing: &mut Filing<'_>,
    keys: &DataKeys,
    one: Withdrawal,
) -> Result<Option<ItemReceived>, DbErr> {
    let Some((place, last)) = filing.withdrawn(&one).await? else { return Ok(None) };
    let version = next_version(Some(last.version), one.sent);
    let Some(item) = last.item.filter(|_| version > last.version) else { return Ok(None) };
    let pushed = without(item, &one.name);
    filing.keep(&one.source, one.kind, &place, version, Some(&pushed)).await?;
    let identity = SourceIdentity { source: one.source, local_id: place.local_id };
    received(keys, one.kind, identity, place.key, None, version, pushed).map(Some)
}

fn received(
    keys: &DataKeys,
    kind: Pushed,
    identity: SourceIdentity,
    item: String,
    spell: Option<SpellId>,
    version: i64,
    pushed: PushedItem,
) -> Result<ItemReceived, DbErr> {
    let sealed = sealed(keys, "feeds/item", &released(pushed))?;
    Ok(ItemReceived { kind, item, spell, version, sealed, identity })
}
