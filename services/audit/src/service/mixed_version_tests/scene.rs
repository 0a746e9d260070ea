//! A log in which this version and the previous one take turns to lead, on a clock that the test moves.

use std::{collections::BTreeMap, sync::Mutex};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Audit as _, Caller,
    audit::{AccessKind, OpenEntry, Outcome, TreeHead},
    events::{LOGIN_SOURCE, PersonChanged},
};
use lcr_model::{
    Actor, ActorKind, LocalId, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SigningKey, SourceId,
    SourceIdentity, UserId, ViewId,
};
use lcr_store::{Durability, login::Claim};
use lcr_testkit::Folder;
use signed_note::{Note, Signer};
use tlog_tiles::Checkpoint;
use uuid::Uuid;

use super::super::*;
use crate::{
    domain::{
        key,
        leaf::{OpenLeaf, RowState},
        text_key,
    },
    service::Service,
    store::Migrator,
};

#[derive(Debug)]
pub struct TestClock(pub Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub struct Log {
    pub service: Service,
    pub sequencer: Sequencer,
    pub clock: Arc<TestClock>,
    _folder: Folder,
}

/// A log whose empty tree was signed by the previous version.
pub async fn log() -> Log {
    let folder = Folder::new("audit-beside").unwrap();
    let log_key = SigningKey::generate().unwrap();
    let store = Store::open::<Migrator>(folder.path().join("audit.db"), "audit", Durability::Acknowledged);
    let store = store.await.unwrap();
    let clock = Arc::new(TestClock(Mutex::new("2026-11-29T10:00:00Z".parse().unwrap())));
    let (verifier, key) = (key::verifier(&log_key), RowKey::derive_from(&log_key).unwrap());
    let monitor = CheckpointMonitor::new(store.clone(), clock.clone(), verifier.clone());
    let (wake, stop) = (Arc::new(Notify::new()), Stop::new());
    let sequencer = Sequencer {
        store: store.clone(),
        signer: Arc::new(key::signer(&log_key).unwrap()),
        verifier,
        wake: wake.clone(),
        stop: stop.clone(),
        clock: clock.clone(),
        key: key.clone(),
        monitor: monitor.clone(),
    };
    let metrics = crate::Metrics::new(&lcr_observe::Meter::new()).unwrap();
    let text_keys = Arc::new(text_key::derive_from(&log_key).unwrap());
    let appends = store::start_appends(store.clone());
    let service = Service { store, appends, clock: clock.clone(), stop, wake, metrics, key, text_keys, monitor };
    let log = Log { service, sequencer, clock, _folder: folder };
    log.step_previous_version().await.unwrap();
    log
}

pub fn caller(org: &str) -> Caller {
    let actor = Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Helen Proctor".into(),
        org: OdsCode::new(org),
        role: Role::PrivacyOfficer,
        purpose: Purpose::Audit,
        session: SessionId::new(),
    };
    lcr_testkit::caller(ServiceName::Consent, actor)
}

pub fn entry(at: Timestamp) -> OpenEntry {
    let person = PersonId::new();
    OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at,
        actor: caller("Y90001").actor,
        audience: ServiceName::RecordAggregation,
        what: AccessKind::Record,
        outcome: Outcome::Allowed,
        reason: "registered at Beckside Surgery".to_owned().into(),
        people: vec![person],
        datasets: vec![],
        policy_version: "1".into(),
        choice: None,
        concerned: BTreeMap::from([(OdsCode::new("Z9H01"), vec![person])]),
    }
}

impl Log {
    pub fn advance_clock(&self, seconds: i64) {
        let mut now = self.clock.0.lock().unwrap();
        *now += SignedDuration::from_secs(seconds);
    }

    pub async fn append(&self) -> Result<OpenEntry, Failure> {
        let entry = entry(self.clock.now());
        self.service.append(&caller("Y90001"), entry.clone(), TreeHead::default()).await.map(|_| entry)
    }

    /// A batch of the previous version, which knows no codes, concerned organisations, sign-ins or times.
    pub async fn step_previous_version(&self) -> Result<(), DbErr> {
        let me = self.sequencer.clone();
        let grown = self.sequencer.store.write(async move |tx| {
            let (from_size, note) = tree::read_head(&tx).await?;
            let queued = tree::read_queue(&tx, BATCH_SIZE).await?;
            if queued.is_empty() && !note.is_empty() {
                return Ok(());
            }
            let mut hashes = LoadedHashes::load_edge(&tx, from_size).await?;
            let mut growth = tree::Growth { from_size, ..tree::Growth::default() };
            for (leaf_index, row) in (from_size..).zip(queued) {
                let opened = row.kind == LeafKind::Opened.as_str();
                let kind = if opened { LeafKind::Opened } else { LeafKind::Completed };
                let canonical = store::find_canonical(&tx, &[(kind, row.id)]).await?.remove(&(kind, row.id));
                let canonical = canonical.ok_or_else(|| DbErr::Custom("an entry is gone".into()))?;
                let leaf = tree::leaf::Model {
                    place: i64::try_from(leaf_index).unwrap(),
                    kind: row.kind,
                    id: row.id,
                    salt: vec![7; 16],
                    commitment: commitment(&[7; 16], canonical.previous_text.as_ref().unwrap_or(&canonical.text))
                        .to_vec(),
                };
                growth.nodes.extend(hashes.append(leaf_index, &leaf.commitment)?);
                growth.leaves.push(leaf);
                growth.dequeued.push(row.seq);
            }
            let size = from_size + growth.leaves.len() as u64;
            let root = hashes.root(size)?;
            let checkpoint = Checkpoint::new(me.signer.name(), size, root, "").unwrap();
            let mut note = Note::new(&checkpoint.to_bytes(), &[]).unwrap();
            note.add_sigs(&[me.signer.as_ref()]).unwrap();
            growth.note = String::from_utf8(note.to_bytes()).unwrap();
            tree::grow(&tx, growth).await
        });
        grown.await.map_err(|_| DbErr::Custom("the previous version's batch failed".into()))
    }

    pub async fn sign_in(&self, user: &str) {
        let store = &self.service.store;
        let change = PersonChanged {
            person: PersonId::new(),
            version: 1,
            identities: vec![SourceIdentity {
                source: SourceId::new(LOGIN_SOURCE),
                local_id: LocalId(user.to_owned()),
            }],
            practice: None,
            marks: vec![],
        };
        let (key, monitor, now) = (self.service.key.clone(), self.service.monitor.clone(), self.clock.now());
        let write = store.write(async move |tx| {
            let claims: Vec<Claim> = lcr_store::login::keep(&tx, &[change]).await?;
            if monitor.can_sequence_logins(&tx).await? {
                store::login_claim::append(&tx, &key, &claims, now).await?;
            }
            Ok(())
        });
        write.await.unwrap();
    }

    pub async fn states(&self, org: &str) -> Vec<(Uuid, RowState)> {
        let leaves: Vec<OpenLeaf> = self.service.open_leaves(&caller(org), 0, 100).await.unwrap();
        let db = self.service.store.read();
        let stored = tree::read_leaves(db, 0, 100).await.unwrap();
        let state = |open: OpenLeaf| {
            let leaf = stored.iter().find(|leaf| leaf.id == open.id).unwrap();
            (open.id, open.row_state(&leaf.commitment.clone().try_into().unwrap()))
        };
        leaves.into_iter().map(state).collect()
    }
}
