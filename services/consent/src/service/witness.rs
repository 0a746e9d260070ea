//! Consent as the witness of the log: it remembers the newest head it has seen and a hash of every entry it had
//! appended, in its own store, and compares them with the log every minute. Whoever writes the log's database alone can
//! change neither. It must never keep what an entry says.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Failure,
    audit::{EntryState, KeptEntry, MOST_KEPT, OpenEntry, TreeHead},
};
use lcr_store::Leader;
use sea_orm::DbErr;
use uuid::Uuid;

use super::Service;
use crate::store::kept_entry as rows;

/// How often what was appended is written down.
const WRITTEN: Duration = Duration::from_secs(1);
/// How often it is compared.
const COMPARED: Duration = Duration::from_mins(1);
/// An entry has its place within about a second; a younger one is not asked about.
const SETTLES: SignedDuration = SignedDuration::from_secs(10);
/// An entry that waits longer than this is kept out of the tree.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(60);
/// Entries in memory at most: a minute of the largest load there is.
const MOST_UNWRITTEN: usize = 100_000;

/// What was seen and is not written down yet.
#[derive(Debug, Default)]
pub struct Witness(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    head: TreeHead,
    unwritten: Vec<(KeptEntry, Timestamp)>,
}

impl Witness {
    pub fn of(head: TreeHead) -> Self {
        Self(Mutex::new(Seen { head, unwritten: vec![] }))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn head(&self) -> TreeHead {
        self.seen().head.clone()
    }

    /// The log took an entry, and told its newest head.
    pub fn appended(&self, entry: KeptEntry, at: Timestamp, head: Option<TreeHead>) {
        let mut seen = self.seen();
        if let Some(head) = head.filter(|head| head.size > seen.head.size) {
            seen.head = head;
        }
        if seen.unwritten.len() < MOST_UNWRITTEN {
            seen.unwritten.push((entry, at));
        } else {
            tracing::error!(event = "entry-not-kept", "too many entries wait to be written down");
        }
    }

    fn take(&self) -> (Vec<(KeptEntry, Timestamp)>, TreeHead) {
        let mut seen = self.seen();
        (std::mem::take(&mut seen.unwritten), seen.head.clone())
    }

    fn give_back(&self, mut entries: Vec<(KeptEntry, Timestamp)>) {
        let mut seen = self.seen();
        entries.append(&mut seen.unwritten);
        seen.unwritten = entries;
    }
}

/// What is kept of an entry.
pub fn kept(entry: &OpenEntry) -> KeptEntry {
    KeptEntry { id: entry.id, fingerprint: entry.fingerprint() }
}

impl Service {
    /// Writes down what was appended, for ever.
    pub async fn write_down(self: Arc<Self>) {
        loop {
            tokio::time::sleep(WRITTEN).await;
            if let Err(failure) = self.write_witness().await {
                tracing::warn!(event = "entries-not-kept", cause = failure.inward(), "trying again");
            }
        }
    }

    pub async fn write_witness(&self) -> Result<(), Failure> {
        let (entries, head) = self.witness.take();
        if entries.is_empty() {
            return Ok(());
        }
        let copy = entries.clone();
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                rows::keep(tx, &copy).await?;
                rows::keep_head(tx, &head).await
            })
        });
        write.await.map_err(|error| {
            self.witness.give_back(entries);
            Failure::from(error)
        })
    }

    /// Compares with the log, for ever; one replica does.
    pub async fn reconcile_for_ever(self: Arc<Self>) {
        let mut leader = Leader::new(self.store.clone(), "witness");
        loop {
            tokio::time::sleep(COMPARED).await;
            leader.turn().await;
            if let Err(failure) = self.reconcile(self.clock.now()).await {
                tracing::warn!(
                    event = "log-not-compared",
                    cause = failure.inward(),
                    "trying again in a minute"
                );
            }
        }
    }

    /// Compares everything kept with the log; returns how many entries are not there as they were.
    pub async fn reconcile(&self, now: Timestamp) -> Result<u64, Failure> {
        let away = |error: DbErr| lcr_store::unavailable(&error);
        let mut after = Uuid::nil();
        loop {
            let page = rows::page(self.store.read(), after, now - SETTLES, MOST_KEPT as u64).await;
            let page = page.map_err(away)?;
            let Some((last, _)) = page.last() else { break };
            after = last.id;
            let entries = page.iter().map(|(entry, _)| entry.clone()).collect();
            let told = self.audit.reconcile(self.witness.head(), entries).await?;
            let late = now - LONGEST_WAIT;
            let states = page.iter().zip(told.states).map(|((entry, at), state)| {
                let waits = state == EntryState::Waiting && *at < late.as_microsecond();
                (entry.id, if waits { EntryState::Missing } else { state })
            });
            let states: Vec<_> = states.collect();
            tell(&states);
            let settle = self
                .store
                .write::<_, DbErr, _>(move |tx| Box::pin(async move { rows::settle(tx, &states).await }));
            settle.await?;
        }
        let mismatches = rows::mismatches(self.store.read()).await.map_err(away)?;
        self.numbers.log_mismatches.set(i64::try_from(mismatches).unwrap_or(i64::MAX));
        Ok(mismatches)
    }
}

fn tell(states: &[(Uuid, EntryState)]) {
    for (entry, state) in states {
        if matches!(state, EntryState::Missing | EntryState::Altered) {
            tracing::error!(alarm = "log-mismatch", %entry, ?state, "the log does not have an entry as it was");
        }
    }
}
