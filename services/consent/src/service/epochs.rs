//! The fence: a number per person, raised by whatever may change a decision. In memory and cheap; a restart
//! starts at a higher number than any before it, so old permits fail their confirmation.

use std::{
    collections::{HashMap, HashSet},
    sync::RwLock,
};

use jiff::Timestamp;
use lcr_model::{PersonId, SessionId};

/// Ended sessions remembered at most; beyond it the whole fence is raised instead.
const MOST_ENDED: usize = 100_000;

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
    pub fn starting_at(now: Timestamp) -> Self {
        Self { base: u64::try_from(now.as_microsecond()).unwrap_or(0), state: RwLock::default() }
    }

    pub fn of(&self, person: PersonId) -> u64 {
        // A poisoned lock reads as a number nobody holds: every confirmation fails.
        self.state
            .read()
            .map_or(u64::MAX, |state| self.base + state.all + state.people.get(&person).copied().unwrap_or(0))
    }

    pub fn raise(&self, person: PersonId) {
        if let Ok(mut state) = self.state.write() {
            *state.people.entry(person).or_insert(0) += 1;
        }
    }

    pub fn raise_all(&self) {
        if let Ok(mut state) = self.state.write() {
            state.all += 1;
        }
    }

    pub fn ended(&self, session: SessionId) -> bool {
        self.state.read().map_or(true, |state| state.ended.contains(&session))
    }

    pub fn end(&self, session: SessionId) {
        if let Ok(mut state) = self.state.write() {
            if state.ended.len() >= MOST_ENDED {
                state.ended.clear();
                state.all += 1;
            }
            state.ended.insert(session);
        }
    }
}
