//! The events that a message waits, with the people and stays it is about, and later that it no longer waits. Both go out
//! in the transaction of the message. The stored subjects must always be sealed.

use jiff::Timestamp;
use lcr_contracts::events::MessageWaits;
use lcr_model::{LocalId, SourceId, SpellId, seal::DataKeys};
use lcr_store::NewEvent;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::stay_store;
use crate::{
    domain::{Mentions, StayNumbers, StayResolver},
    store::{last_known::LastKnown, message::Row},
};

/// The people and stays that a waiting message is about.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subjects {
    pub people: Vec<LocalId>,
    /// Visit and account numbers as sent.
    pub visits: Vec<String>,
    pub stays: Vec<SpellId>,
}

impl Subjects {
    /// Reads the subjects stored with a row. Empty for old messages that have none stored.
    pub fn of(row: &Row, keys: &DataKeys) -> Self {
        let plain = row.about.as_ref().and_then(|sealed| keys.open(&associated_data(row.id), sealed).ok());
        plain.and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.people.is_empty() && self.stays.is_empty()
    }
}

/// Stores the subjects of a waiting message in `row`, and returns their event. `None` if they have not changed.
pub async fn waiting_event(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    now: Timestamp,
    row: &mut Row,
    mentions: &Mentions,
) -> Result<Option<NewEvent>, DbErr> {
    let subjects = find_subjects(last_known, keys, mentions).await?;
    if subjects.is_empty() || subjects == Subjects::of(row, keys) {
        return Ok(None);
    }
    let is_first = row.about.is_none();
    row.about = Some(super::publish::seal(keys, &associated_data(row.id), &subjects)?);
    let version = if is_first { row.received } else { next_version(row, now) };
    new_event(now, row, subjects, true, version)
}

/// The event that a message no longer waits. `None` if no event said that it does.
pub fn settled_event(keys: &DataKeys, now: Timestamp, row: &Row) -> Result<Option<NewEvent>, DbErr> {
    new_event(now, row, Subjects::of(row, keys), false, next_version(row, now))
}

/// A version above every version published for the message so far.
fn next_version(row: &Row, now: Timestamp) -> i64 {
    now.as_microsecond().max(row.received + 1)
}

fn new_event(
    now: Timestamp,
    row: &Row,
    subjects: Subjects,
    waits: bool,
    version: i64,
) -> Result<Option<NewEvent>, DbErr> {
    let Some(source) = row.source.clone().filter(|_| !subjects.is_empty()) else { return Ok(None) };
    let event = MessageWaits {
        message: row.id,
        source: SourceId::new(source),
        received: Timestamp::from_microsecond(row.received).unwrap_or_default(),
        waits,
        identities: subjects.people,
        stays: subjects.stays,
        version,
    };
    NewEvent::of(now, &event).map(Some)
}

/// The rows that the mentioned stays need.
pub fn needed_row_ids(mentions: &Mentions) -> Vec<String> {
    let keys = mentions.stays.iter().flat_map(|(identity, numbers)| StayResolver::keys_of(identity, numbers));
    keys.map(|key| key.id()).collect()
}

/// Finds the stays that earlier messages of the source meant by the mentioned numbers.
async fn find_subjects(last_known: &LastKnown<'_>, keys: &DataKeys, mentions: &Mentions) -> Result<Subjects, DbErr> {
    let mut subjects = Subjects { people: mentions.people.clone(), ..Subjects::default() };
    let mut resolver = StayResolver::default();
    for (identity, numbers) in &mentions.stays {
        let mut state_keys = StayResolver::keys_of(identity, numbers);
        state_keys.retain(|key| !resolver.is_loaded(key));
        stay_store::load_states(last_known, keys, &mut resolver, state_keys).await?;
        let StayNumbers { visit, account } = numbers;
        for number in [visit, account].into_iter().flatten().map(|number| &number.digits) {
            if !subjects.visits.contains(number) {
                subjects.visits.push(number.clone());
            }
        }
        subjects.stays.extend(resolver.stay_of(identity, numbers).filter(|stay| !subjects.stays.contains(stay)));
    }
    Ok(subjects)
}

/// The associated data of the seal. Stored rows depend on it.
fn associated_data(id: Uuid) -> String {
    format!("feeds/about/{id}")
}

impl std::fmt::Debug for Subjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Subjects({} people, {} stays)", self.people.len(), self.stays.len())
    }
}
