//! The fence: a number per person, raised by whatever may change a decision, and the sessions that ended. A permit
//! carries the number it was decided under; another number at its confirmation means: decide again.
//!
//! In one process it is memory: cheap, and a restart starts above any number before it, so old permits fail. Where
//! replicas share a store it is in that store, raised in the transaction of the change itself: a choice acknowledged
//! by one replica holds at once at all of them (promise 4), which no message between replicas could promise.

use std::{
    collections::{HashMap, HashSet},
    sync::RwLock,
};

use jiff::Timestamp;
use lcr_contracts::Failure;
use lcr_model::{PersonId, SessionId};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::store::fence as rows;

/// Where the numbers are.
#[derive(Debug)]
pub enum Fence {
    Alone(Epochs),
    Shared(Store),
}

/// How a question's people and session stand at one moment.
#[derive(Debug)]
pub struct Standing {
    people: HashMap<PersonId, u64>,
    /// The reader's session has ended.
    pub ended: bool,
    /// Raised when the registry changes.
    pub registry: u64,
}

impl Standing {
    /// Somebody who was not asked about has a number nobody holds.
    pub fn of(&self, person: PersonId) -> u64 {
        self.people.get(&person).copied().unwrap_or(u64::MAX)
    }
}

impl Fence {
    pub fn over(store: &Store, now: Timestamp) -> Self {
        if store.is_shared() { Self::Shared(store.clone()) } else { Self::Alone(Epochs::starting_at(now)) }
    }

    pub async fn standing(&self, people: &[PersonId], session: SessionId) -> Result<Standing, Failure> {
        match self {
            Self::Alone(epochs) => Ok(Standing {
                people: people.iter().map(|person| (*person, epochs.of(*person))).collect(),
                ended: epochs.ended(session),
                registry: epochs.all(),
            }),
            Self::Shared(store) => {
                let own = people.iter().map(|person| rows::person(*person));
                let keys = own.chain([rows::ALL.to_owned(), rows::session(session)]).collect();
                let held = rows::read(store.read(), keys).await.map_err(|e| lcr_store::unavailable(&e))?;
                let number = |key: &str| held.get(key).copied().map_or(0, i64::unsigned_abs);
                let all = number(rows::ALL);
                let of = |person: &PersonId| (*person, all + number(&rows::person(*person)));
                Ok(Standing {
                    people: people.iter().map(of).collect(),
                    ended: held.contains_key(&rows::session(session)),
                    registry: all,
                })
            }
        }
    }

    /// How the change itself raises it, where replicas share a store.
    pub fn in_store(&self) -> Raise {
        Raise(matches!(self, Self::Shared(_)))
    }

    /// Raises the number in memory: before a commit and after it. Nothing where it is in the store.
    pub fn raise(&self, person: PersonId) {
        if let Self::Alone(epochs) = self {
            epochs.raise(person);
        }
    }

    pub fn raise_all(&self) {
        if let Self::Alone(epochs) = self {
            epochs.raise_all();
        }
    }

    pub fn end(&self, session: SessionId) {
        if let Self::Alone(epochs) = self {
            epochs.end(session);
        }
    }
}

/// Raises the fence inside a transaction, if that is where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Raise(bool);

impl Raise {
    pub async fn people(
        self,
        tx: &DatabaseTransaction,
        people: &[PersonId],
        now: Timestamp,
    ) -> Result<(), DbErr> {
        let keys: Vec<String> = people.iter().map(|person| rows::person(*person)).collect();
        if self.0 && !keys.is_empty() { rows::raise(tx, keys, now).await } else { Ok(()) }
    }

    pub async fn everybody(self, tx: &DatabaseTransaction, now: Timestamp) -> Result<(), DbErr> {
        if self.0 { rows::raise(tx, vec![rows::ALL.to_owned()], now).await } else { Ok(()) }
    }
}

/// Ended sessions remembered at most; beyond it the whole fence is raised instead.
const MOST_ENDED: usize = 100_000;

/// Numbers in memory.
#[derive(Debug)]
pub struct Epochs {
    base: u64,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    all: u64,
    people: HashMap<PersonId, u64>,
    ended: HashSet<SessionId>,
}

impl Epochs {
    fn starting_at(now: Timestamp) -> Self {
        Self { base: u64::try_from(now.as_microsecond()).unwrap_or(0), state: RwLock::default() }
    }

    fn of(&self, person: PersonId) -> u64 {
        // A poisoned lock reads as a number nobody holds: every confirmation fails.
        self.state
            .read()
            .map_or(u64::MAX, |state| self.base + state.all + state.people.get(&person).copied().unwrap_or(0))
    }

    fn all(&self) -> u64 {
        self.state.read().map_or(u64::MAX, |state| self.base + state.all)
    }

    fn raise(&self, person: PersonId) {
        if let Ok(mut state) = self.state.write() {
            *state.people.entry(person).or_insert(0) += 1;
        }
    }

    fn raise_all(&self) {
        if let Ok(mut state) = self.state.write() {
            state.all += 1;
        }
    }

    fn ended(&self, session: SessionId) -> bool {
        self.state.read().map_or(true, |state| state.ended.contains(&session))
    }

    fn end(&self, session: SessionId) {
        if let Ok(mut state) = self.state.write() {
            if state.ended.len() >= MOST_ENDED {
                state.ended.clear();
                state.all += 1;
            }
            state.ended.insert(session);
        }
    }
}
