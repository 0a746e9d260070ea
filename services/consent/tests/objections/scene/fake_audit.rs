//! A fake audit service that stores entries or is unavailable.

use super::*;

/// Stores entries, unless it is set to unavailable.
#[derive(Default)]
pub struct FakeAudit {
    pub entries: Mutex<Vec<OpenEntry>>,
    pub unavailable: AtomicBool,
}

#[async_trait]
impl Audit for FakeAudit {
    async fn open(&self, _: &Caller, entry: OpenEntry) -> Result<(), Failure> {
        if self.unavailable.load(Ordering::Relaxed) {
            return Err(Failure::new(FailureKind::Unavailable, "away"));
        }
        self.entries.lock().unwrap().push(entry);
        Ok(())
    }
    async fn entries(&self, _: &Caller, _: EntryQuery) -> Result<Vec<Entry>, Failure> {
        Err(Failure::not_found())
    }
    async fn patient_log(&self, _: &Caller, _: Option<uuid::Uuid>) -> Result<PatientLog, Failure> {
        Err(Failure::not_found())
    }
    async fn choice_steps(&self, after: uuid::Uuid) -> Result<Vec<OpenEntry>, Failure> {
        if self.unavailable.load(Ordering::Relaxed) {
            return Err(Failure::new(FailureKind::Unavailable, "away"));
        }
        let entries = self.entries.lock().unwrap();
        let mut steps: Vec<OpenEntry> =
            entries.iter().filter(|entry| entry.choice.is_some() && entry.id > after).cloned().collect();
        steps.sort_by_key(|entry| entry.id);
        Ok(steps)
    }
    async fn claim_steps(&self, after: uuid::Uuid) -> Result<Vec<OpenEntry>, Failure> {
        if self.unavailable.load(Ordering::Relaxed) {
            return Err(Failure::new(FailureKind::Unavailable, "away"));
        }
        let entries = self.entries.lock().unwrap();
        let is_step = |entry: &&OpenEntry| entry.what == AccessKind::Claim && entry.id > after;
        let mut steps: Vec<OpenEntry> = entries.iter().filter(is_step).cloned().collect();
        steps.sort_by_key(|entry| entry.id);
        Ok(steps)
    }
    async fn log_state(&self) -> Result<LogState, Failure> {
        Err(Failure::not_found())
    }
    /// The tree has as many leaves as entries. Refuses if the caller has seen a larger tree.
    async fn append(&self, caller: &Caller, entry: OpenEntry, seen: TreeHead) -> Result<Option<TreeHead>, Failure> {
        if self.head().size < seen.size {
            return Err(Failure::new(FailureKind::Unavailable, "the tree does not extend what was signed"));
        }
        self.open(caller, entry).await?;
        Ok(Some(self.head()))
    }
    async fn reconcile(&self, _: TreeHead, stored: Vec<EntryFingerprint>) -> Result<Reconciliation, Failure> {
        let entries = self.entries.lock().unwrap();
        let state = |stored: &EntryFingerprint| match entries.iter().find(|entry| entry.id == stored.id) {
            None => EntryState::Missing,
            Some(entry) if entry.fingerprint() == stored.fingerprint => EntryState::Placed,
            Some(_) => EntryState::Altered,
        };
        let states = stored.iter().map(state).collect();
        Ok(Reconciliation { states, head: TreeHead::default() })
    }
}

impl FakeAudit {
    fn head(&self) -> TreeHead {
        TreeHead { size: self.entries.lock().unwrap().len() as u64, root: "root".into() }
    }
}
