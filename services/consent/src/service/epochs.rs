//! Epochs: one number per person that rises whenever a decision may change, and the sessions that ended. A permit
//! carries the epoch of its decision; if the epoch differs at confirmation, consent must decide again.
//!
//! A single process holds epochs in memory. They start above every earlier value, so permits from before a restart
//! fail. Replicas hold epochs in their shared store and bump them in the transaction of the change: a choice that one
//! replica acknowledges applies at all of them at once.

use std::{
    collections::{HashMap, HashSet},
    sync::RwLock,
};

use jiff::Timestamp;
use lcr_contracts::Failure;
use lcr_model::{PersonId, SessionId};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::store::epochs as rows;

/// Where the epochs are stored.
#[derive(Debug)]
pub enum Epochs {
    InMemory(MemoryEpochs),
    InStore(Store),
}

/// The epochs of one question's people, and the state of its session, at one moment.
#[derive(Debug)]
pub struct EpochSnapshot {
    people: HashMap<PersonId, u64>,
    /// The reader's session has ended.
    pub session_ended: bool,
    /// Rises when the registry changes.
    pub registry_epoch: u64,
}

impl EpochSnapshot {
    /// A person outside the question gets an epoch that no permit carries.
    pub fn epoch_of(&self, person: PersonId) -> u64 {
        self.people.get(&person).copied().unwrap_or(u64::MAX)
    }
}

impl Epochs {
    pub fn for_store(store: &Store, now: Timestamp) -> Self {
        if store.is_shared() { Self::InStore(store.clone()) } else { Self::InMemory(MemoryEpochs::starting_at(now)) }
    }

    pub async fn snapshot(&self, people: &[PersonId], session: SessionId) -> Result<EpochSnapshot, Failure> {
        match self {
            Self::InMemory(epochs) => Ok(EpochSnapshot {
                people: people.iter().map(|person| (*person, epochs.epoch_of(*person))).collect(),
                session_ended: epochs.has_ended(session),
                registry_epoch: epochs.registry_epoch(),
            }),
            Self::InStore(store) => {
                let person_keys = people.iter().map(|person| rows::person_key(*person));
                let keys = person_keys.chain([rows::ALL_KEY.to_owned(), rows::session_key(session)]).collect();
                let stored = rows::read(store.read(), keys).await?;
                let number = |key: &str| stored.get(key).copied().map_or(0, i64::unsigned_abs);
                let all = number(rows::ALL_KEY);
                let epoch_of = |person: &PersonId| (*person, all + number(&rows::person_key(*person)));
                Ok(EpochSnapshot {
                    people: people.iter().map(epoch_of).collect(),
                    session_ended: stored.contains_key(&rows::session_key(session)),
                    registry_epoch: all,
                })
            }
        }
    }

    /// How a change bumps epochs inside its own transaction.
    pub fn store_bump(&self) -> StoreBump {
        StoreBump(matches!(self, Self::InStore(_)))
    }

    /// Bumps the epoch in memory. Call it before and after the commit. Does nothing if epochs are in the store.
    pub fn bump(&self, person: PersonId) {
        if let Self::InMemory(epochs) = self {
            epochs.bump(person);
        }
    }

    pub fn bump_all(&self) {
        if let Self::InMemory(epochs) = self {
            epochs.bump_all();
        }
    }

    pub fn end_session(&self, session: SessionId) {
        if let Self::InMemory(epochs) = self {
            epochs.end_session(session);
        }
    }
}

/// Bumps epochs inside a transaction. Does nothing if epochs are in memory.
#[derive(Debug, Clone, Copy)]
pub struct StoreBump(bool);

impl StoreBump {
    pub async fn bump_people(self, tx: &DatabaseTransaction, people: &[PersonId], now: Timestamp) -> Result<(), DbErr> {
        let keys: Vec<String> = people.iter().map(|person| rows::person_key(*person)).collect();
        if self.0 && !keys.is_empty() { rows::bump(tx, keys, now).await } else { Ok(()) }
    }

    pub async fn bump_all(self, tx: &DatabaseTransaction, now: Timestamp) -> Result<(), DbErr> {
        if self.0 { rows::bump(tx, vec![rows::ALL_KEY.to_owned()], now).await } else { Ok(()) }
    }
}

/// The most ended sessions in memory. Beyond it, all epochs are bumped instead.
const MAX_ENDED_SESSIONS: usize = 100_000;

/// Epochs of a single process.
#[derive(Debug)]
pub struct MemoryEpochs {
    base: u64,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    all: u64,
    people: HashMap<PersonId, u64>,
    ended_sessions: HashSet<SessionId>,
}

impl MemoryEpochs {
    fn starting_at(now: Timestamp) -> Self {
        Self { base: u64::try_from(now.as_microsecond()).unwrap_or(0), state: RwLock::default() }
    }

    fn epoch_of(&self, person: PersonId) -> u64 {
        // A poisoned lock returns an epoch that no permit carries, so every confirmation fails.
        self.state
            .read()
            .map_or(u64::MAX, |state| self.base + state.all + state.people.get(&person).copied().unwrap_or(0))
    }

    fn registry_epoch(&self) -> u64 {
        self.state.read().map_or(u64::MAX, |state| self.base + state.all)
    }

    fn bump(&self, person: PersonId) {
        if let Ok(mut state) = self.state.write() {
            *state.people.entry(person).or_insert(0) += 1;
        }
    }

    fn bump_all(&self) {
        if let Ok(mut state) = self.state.write() {
            state.all += 1;
        }
    }

    fn has_ended(&self, session: SessionId) -> bool {
        self.state.read().map_or(true, |state| state.ended_sessions.contains(&session))
    }

    fn end_session(&self, session: SessionId) {
        if let Ok(mut state) = self.state.write() {
            if state.ended_sessions.len() >= MAX_ENDED_SESSIONS {
                state.ended_sessions.clear();
                state.all += 1;
            }
            state.ended_sessions.insert(session);
        }
    }
}
