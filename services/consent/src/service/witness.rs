//! Consent as a witness of the audit log: it stores the newest tree head and a hash of every entry it appended, and compares
//! them with the log every minute. Write access to audit's database cannot change them. It must never store the text of
//! an entry.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Failure,
    audit::{EntryFingerprint, EntryState, MAX_RECONCILED, OpenEntry, TreeHead},
};
use lcr_store::Leader;
use uuid::Uuid;

use super::Service;
use crate::store::kept_entry as rows;

/// How often hashes of appended entries are written to the store.
const WRITE_INTERVAL: Duration = Duration::from_secs(1);
/// How often stored hashes are compared with the log.
const RECONCILE_INTERVAL: Duration = Duration::from_mins(1);
/// Entries younger than this are not compared yet. Sequencing takes about a second.
const MIN_ENTRY_AGE: SignedDuration = SignedDuration::from_secs(10);
/// An entry outside the tree for longer than this counts as missing.
const MAX_SEQUENCING_DELAY: SignedDuration = SignedDuration::from_secs(60);
/// The most entries in memory: one minute of the largest load.
const MAX_UNWRITTEN: usize = 100_000;

/// What this process saw of the log. A background task writes it to the store.
#[derive(Debug, Default)]
pub struct Witness(Mutex<WitnessState>);

#[derive(Debug, Default)]
struct WitnessState {
    head: TreeHead,
    unwritten: Vec<(EntryFingerprint, Timestamp)>,
}

impl Witness {
    pub fn starting_at(head: TreeHead) -> Self {
        Self(Mutex::new(WitnessState { head, unwritten: vec![] }))
    }

    fn state(&self) -> MutexGuard<'_, WitnessState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn head(&self) -> TreeHead {
        self.state().head.clone()
    }

    /// Remembers an entry that audit committed, and the tree head it returned.
    pub fn record_append(&self, entry: EntryFingerprint, at: Timestamp, head: Option<TreeHead>) {
        let mut state = self.state();
        if let Some(head) = head.filter(|head| head.size > state.head.size) {
            state.head = head;
        }
        if state.unwritten.len() < MAX_UNWRITTEN {
            state.unwritten.push((entry, at));
        } else {
            tracing::error!(
                event = "entry-not-kept",
                "the hash of an entry was dropped: too many are waiting to be stored"
            );
        }
    }

    fn take_unwritten(&self) -> (Vec<(EntryFingerprint, Timestamp)>, TreeHead) {
        let mut state = self.state();
        (std::mem::take(&mut state.unwritten), state.head.clone())
    }

    fn put_back(&self, mut entries: Vec<(EntryFingerprint, Timestamp)>) {
        let mut state = self.state();
        entries.append(&mut state.unwritten);
        state.unwritten = entries;
    }
}

/// What the witness stores of an entry.
pub fn fingerprint_entry(entry: &OpenEntry) -> EntryFingerprint {
    EntryFingerprint { id: entry.id, fingerprint: entry.fingerprint() }
}

impl Service {
    /// Writes hashes of appended entries to the store, for as long as the process runs.
    pub async fn run_witness_writer(self: Arc<Self>) {
        loop {
            tokio::time::sleep(WRITE_INTERVAL).await;
            if let Err(failure) = self.write_witness().await {
                tracing::warn!(event = "entries-not-kept", cause = failure.inward(), "trying again");
            }
        }
    }

    pub async fn write_witness(&self) -> Result<(), Failure> {
        let (entries, head) = self.witness.take_unwritten();
        if entries.is_empty() {
            return Ok(());
        }
        let copy = entries.clone();
        let write = self.store.write(async move |tx| {
            rows::insert(&tx, &copy).await?;
            rows::store_head(&tx, &head).await
        });
        write.await.map_err(|error| {
            self.witness.put_back(entries);
            Failure::from(error)
        })
    }

    /// Compares with the log, for as long as the process runs. One replica does it.
    pub async fn run_reconciler(self: Arc<Self>) {
        let mut leader = Leader::new(self.store.clone(), "witness");
        loop {
            tokio::time::sleep(RECONCILE_INTERVAL).await;
            leader.acquire().await;
            if let Err(failure) = self.reconcile(self.clock.now()).await {
                tracing::warn!(event = "log-not-compared", cause = failure.inward(), "trying again in a minute");
            }
        }
    }

    /// Compares all stored hashes with the log. Returns how many entries are missing or altered.
    pub async fn reconcile(&self, now: Timestamp) -> Result<u64, Failure> {
        let mut after = Uuid::nil();
        loop {
            let page = rows::read_page(self.store.read(), after, now - MIN_ENTRY_AGE, MAX_RECONCILED as u64).await?;
            let Some((last, _)) = page.last() else { break };
            after = last.id;
            let entries = page.iter().map(|(entry, _)| entry.clone()).collect();
            let answer = self.audit.reconcile(self.witness.head(), entries).await?;
            let late = now - MAX_SEQUENCING_DELAY;
            let states = page.iter().zip(answer.states).map(|((entry, at), state)| {
                let waits = state == EntryState::Waiting && *at < late.as_microsecond();
                (entry.id, if waits { EntryState::Missing } else { state })
            });
            let states: Vec<_> = states.collect();
            report_mismatches(&states);
            let write = self.store.write(async move |tx| rows::record_states(&tx, &states).await);
            write.await?;
        }
        let mismatches = rows::count_mismatches(self.store.read()).await?;
        self.metrics.log_mismatches.set(i64::try_from(mismatches).unwrap_or(i64::MAX));
        Ok(mismatches)
    }
}

fn report_mismatches(states: &[(Uuid, EntryState)]) {
    for (entry, state) in states {
        if matches!(state, EntryState::Missing | EntryState::Altered) {
            tracing::error!(alarm = "log-mismatch", %entry, ?state, "an entry is missing from the audit log or was altered");
        }
    }
}
