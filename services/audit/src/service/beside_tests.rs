//! The version before beside this one: its sequencer leads while this version appends, and the other way round. Nothing is
//! told as altered, nobody is refused, and what waited gets its place once this version leads.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, sync::Mutex};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Audit as _, Caller,
    audit::{EntryState, KeptEntry, OpenEntry, Outcome, TreeHead, What},
    events::{LOGIN_SOURCE, PersonChanged},
};
use lcr_model::{
    Actor, ActorKind, LocalId, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SigningKey,
    SourceId, SourceIdentity, UserId, ViewId,
};
use lcr_store::{Durability, login::Claim};
use lcr_testkit::Folder;
use uuid::Uuid;

use super::*;
use crate::{
    domain::{
        key,
        leaf::{OpenLeaf, RowState},
        moment::GRACE_SECONDS,
    },
    service::Service,
    store::Migrator,
};

#[derive(Debug)]
struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Log {
    service: Service,
    sequencer: Sequencer,
    clock: Arc<Hands>,
    _folder: Folder,
}

/// A log of which the version before signed the empty tree.
async fn log() -> Log {
    let folder = Folder::new("audit-beside").unwrap();
    let log_key = SigningKey::generate().unwrap();
    let store = Store::open::<Migrator>(folder.path().join("audit.db"), "audit", Durability::Acknowledged);
    let store = store.await.unwrap();
    let clock = Arc::new(Hands(Mutex::new("2026-11-29T10:00:00Z".parse().unwrap())));
    let (verifier, key) = (key::verifier(&log_key), RowKey::of(&log_key).unwrap());
    let watch = Watch::new(store.clone(), clock.clone(), verifier.clone());
    let (woken, stop) = (Arc::new(Notify::new()), Stop::new());
    let sequencer = Sequencer {
        store: store.clone(),
        signer: Arc::new(key::signer(&log_key).unwrap()),
        verifier,
        woken: woken.clone(),
        stop: stop.clone(),
        clock: clock.clone(),
        key: key.clone(),
        watch: watch.clone(),
    };
    let numbers = crate::Numbers::new(&lcr_observe::Meter::new()).unwrap();
    let service = Service { store, clock: clock.clone(), stop, woken, numbers, key, watch };
    let log = Log { service, sequencer, clock, _folder: folder };
    log.step_before().await.unwrap();
    log
}

fn caller(org: &str) -> Caller {
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

fn entry(at: Timestamp) -> OpenEntry {
    let person = PersonId::new();
    OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at,
        actor: caller("Y90001").actor,
        audience: ServiceName::RecordAggregation,
        what: What::Record,
        outcome: Outcome::Allowed,
        reason: "registered at Beckside Surgery".into(),
        people: vec![person],
        datasets: vec![],
        policy_version: "1".into(),
        choice: None,
        concerned: BTreeMap::from([(OdsCode::new("Z9H01"), vec![person])]),
    }
}

impl Log {
    fn later(&self, seconds: i64) {
        let mut now = self.clock.0.lock().unwrap();
        *now += SignedDuration::from_secs(seconds);
    }

    async fn append(&self) -> Result<OpenEntry, Failure> {
        let entry = entry(self.clock.now());
        self.service.append(&caller("Y90001"), entry.clone(), TreeHead::default()).await.map(|_| entry)
    }

    /// A step of the version before: it knows neither codes, nor whose people an entry is about, nor sign-ins, nor times.
    async fn step_before(&self) -> Result<(), DbErr> {
        let me = self.sequencer.clone();
        let grown = self.sequencer.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let (from, note) = tree::head(tx).await?;
                let waiting = tree::waiting(tx, STEP).await?;
                if waiting.is_empty() && !note.is_empty() {
                    return Ok(());
                }
                let mut known = Known(edge(tx, from).await?);
                let mut growth = tree::Growth { from, ..tree::Growth::default() };
                for (place, row) in (from..).zip(waiting) {
                    let opened = row.kind == LeafKind::Opened.as_str();
                    let kind = if opened { LeafKind::Opened } else { LeafKind::Completed };
                    let found = store::canonical(tx, kind, row.id).await?;
                    let found = found.ok_or_else(|| DbErr::Custom("an entry is gone".into()))?;
                    let leaf = tree::leaf::Model {
                        place: i64::try_from(place).unwrap(),
                        kind: row.kind,
                        id: row.id,
                        salt: vec![7; 16],
                        commitment: commitment(&[7; 16], found.before.as_ref().unwrap_or(&found.text))
                            .to_vec(),
                    };
                    let hash = record_hash(&leaf.commitment);
                    let added = stored_hashes_for_record_hash(place, hash, &known).unwrap();
                    for (at, hash) in (stored_hash_index(0, place)..).zip(added) {
                        known.0.insert(at, hash);
                        growth.nodes.push((at, hash));
                    }
                    growth.leaves.push(leaf);
                    growth.taken.push(row.seq);
                }
                let size = from + growth.leaves.len() as u64;
                let root = tree_hash(size, &known).unwrap();
                let checkpoint = Checkpoint::new(me.signer.name(), size, root, "").unwrap();
                let mut note = Note::new(&checkpoint.to_bytes(), &[]).unwrap();
                note.add_sigs(&[me.signer.as_ref()]).unwrap();
                growth.note = String::from_utf8(note.to_bytes()).unwrap();
                tree::grow(tx, growth).await
            })
        });
        grown.await.map_err(|_| DbErr::Custom("the version before does not go on".into()))
    }

    async fn signs_in(&self, user: &str) {
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
        let (key, watch, now) = (self.service.key.clone(), self.service.watch.clone(), self.clock.now());
        let kept = store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let claims: Vec<Claim> = lcr_store::login::keep(tx, &[change]).await?;
                if watch.places_logins(tx).await? {
                    store::claim::keep(tx, &key, &claims, now).await?;
                }
                Ok(())
            })
        });
        kept.await.unwrap();
    }

    async fn states(&self, org: &str) -> Vec<(Uuid, RowState)> {
        let leaves: Vec<OpenLeaf> = self.service.open_leaves(&caller(org), 0, 100).await.unwrap();
        let db = self.service.store.read();
        let stored = tree::leaves(db, 0, 100).await.unwrap();
        let stands = |open: OpenLeaf| {
            let leaf = stored.iter().find(|leaf| leaf.id == open.id).unwrap();
            (open.id, open.stands(&leaf.commitment.clone().try_into().unwrap()))
        };
        leaves.into_iter().map(stands).collect()
    }
}

/// what a sequencer of the version before hashed is not told as altered, and a real alteration is.
#[tokio::test]
async fn an_entry_that_the_version_before_placed_verifies() {
    use sea_orm::ConnectionTrait;

    let log = log().await;
    let first = log.append().await.unwrap();
    log.step_before().await.unwrap();
    let second = log.append().await.unwrap();
    log.sequencer.step().await.unwrap();
    for org in ["Y90001", "Z9H01", "Z9T99"] {
        let states = log.states(org).await;
        let of = |id| states.iter().find(|(one, _)| *one == id).unwrap().1;
        assert_eq!((of(first.id), of(second.id)), (RowState::Whole, RowState::Whole), "{org}");
    }
    let kept = [&first, &second].map(|one| KeptEntry { id: one.id, fingerprint: one.fingerprint() });
    let told = log.service.reconcile(TreeHead::default(), kept.to_vec()).await.unwrap();
    assert_eq!(told.states, [EntryState::Placed, EntryState::Placed]);
    // Whose people it is about is not in that leaf. The log's own code covers it.
    let forged = format!(
        "UPDATE entry SET concerned = '{{\"Z9T99\":[\"{}\"]}}' WHERE concerned IS NOT NULL",
        first.people[0].0
    );
    log.service.store.read().execute_unprepared(&forged).await.unwrap();
    let states = log.states("Z9T99").await;
    assert!(
        states
            .iter()
            .filter(|(id, _)| [first.id, second.id].contains(id))
            .all(|(_, state)| { *state == RowState::Altered })
    );
}

#[tokio::test]
async fn nobody_is_refused_while_the_version_before_leads_and_has_nothing_to_sign() {
    let log = log().await;
    log.append().await.unwrap();
    log.step_before().await.unwrap();
    log.later(super::super::watch::STANDS_STILL * 4);
    log.append().await.unwrap();
    assert_eq!(log.service.watch.age().await, 0, "no alarm for the age of a checkpoint that tells none");
    // It fails safe: a version that tells no time does not lead for ever.
    log.later(GRACE_SECONDS);
    log.service.watch.may_grow().await;
    assert!(log.append().await.is_err());
    assert!(log.service.watch.age().await > GRACE_SECONDS);
    // Once this version leads, it goes on without anybody's help.
    log.sequencer.step().await.unwrap();
    log.service.watch.may_grow().await;
    log.append().await.unwrap();
}

/// A sequencer of the version before stops for ever at a row of a kind it does not know.
#[tokio::test]
async fn a_sign_in_waits_while_the_version_before_leads_and_gets_its_place_afterwards() {
    let log = log().await;
    log.signs_in("nhs-1").await;
    assert!(!log.sequencer.take_in_logins().await, "nor does this one queue it before it has signed");
    log.append().await.unwrap();
    log.step_before().await.unwrap();
    let outside = log.service.outside(&caller("Y90001")).await.unwrap();
    assert_eq!((outside.logins_altered, outside.unplaced, outside.refused), (0, 0, 0));
    log.append().await.unwrap();
    log.sequencer.step().await.unwrap();
    assert!(log.sequencer.take_in_logins().await);
    log.signs_in("nhs-2").await;
    log.sequencer.step().await.unwrap();
    log.later(GRACE_SECONDS + 1);
    log.sequencer.step().await.unwrap();
    let outside = log.service.outside(&caller("Y90001")).await.unwrap();
    assert_eq!((outside.logins_altered, outside.unplaced, outside.refused), (0, 0, 0));
    let logins = log.states("Y90001").await.len() - 2;
    assert!(logins >= 2, "both sign-ins have places");
}

/// A rollback and the upgrade after it: the version before takes the times away, and rows without a code come again.
#[tokio::test]
async fn after_a_rollback_the_log_goes_on_and_nothing_is_told_as_altered() {
    use sea_orm::ConnectionTrait;

    let log = log().await;
    log.append().await.unwrap();
    log.sequencer.step().await.unwrap();
    log.later(GRACE_SECONDS * 2);
    let bare = entry(log.clock.now());
    let (key, now, one) = (log.service.key.clone(), log.clock.now(), bare.clone());
    let before = OpenEntry { concerned: BTreeMap::new(), ..one };
    let write = log
        .service
        .store
        .write::<_, DbErr, _>(move |tx| Box::pin(async move { store::append(tx, &key, &before, now).await }));
    write.await.unwrap();
    let codeless = "UPDATE entry SET code = NULL WHERE concerned IS NULL";
    log.service.store.read().execute_unprepared(codeless).await.unwrap();
    log.step_before().await.unwrap();
    log.sequencer.step().await.unwrap();
    log.service.watch.may_grow().await;
    let last = log.append().await.unwrap();
    log.sequencer.step().await.unwrap();
    let states = log.states("Y90001").await;
    assert!(states.iter().any(|(id, _)| *id == bare.id) && states.iter().any(|(id, _)| *id == last.id));
    assert!(states.iter().all(|(_, state)| *state == RowState::Whole), "{states:?}");
}
