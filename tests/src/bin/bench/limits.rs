//! The rate of durable writes that the machine's disk allows, with the same store and in the same run. Durable figures are
//! compared with it.

use std::{sync::Arc, time::Instant};

use futures::future::join_all;
use lcr_auth::KeyRing;
use lcr_contracts::{
    audit::{AccessKind, OpenEntry, Outcome},
    events::{EncounterReceived, Stream},
};
use lcr_model::{
    Actor, ActorKind, Clock, Dataset, LocalId, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SigningKey,
    SourceId, SourceIdentity, SpellId, SystemClock, UserId, ViewId,
};
use lcr_runtime::Stop;
use lcr_store::{Durability, NoTables, Store};
use lcr_testkit::Folder;
use lcr_web::Authenticator;
use uuid::Uuid;

use super::report::Report;

/// Concurrent callers, and requests of each.
pub const CALLERS: usize = 16;
pub const EACH: usize = 150;
const APPENDERS: usize = 64;

/// Measures group commits: as many callers as senders, each committing events of a message's size one by one.
pub async fn group_commit(report: &mut Report) {
    let folder = Folder::new("bench-commits").unwrap();
    let file = folder.path().join("commits.db");
    let store = Store::open::<NoTables>(&file, "bench", Durability::Acknowledged).await.unwrap();
    let started = Instant::now();
    join_all((0..CALLERS).map(|caller| {
        let store = store.clone();
        async move {
            for at in 0..EACH {
                let body = EncounterReceived {
                    identity: SourceIdentity {
                        source: SourceId::new("bench"),
                        local_id: LocalId(format!("{caller}-{at}")),
                    },
                    spell: SpellId::new(format!("{caller}-{at}")),
                    version: 1,
                    sealed: "x".repeat(1500),
                };
                let write = store.write(async move |tx| Store::publish(&tx, SystemClock.now(), &[body]).await);
                write.await.unwrap();
            }
        }
    }))
    .await;
    let rate = (CALLERS * EACH) as f64 / started.elapsed().as_secs_f64();
    assert_eq!(store.outbox().head(Stream::Feeds).await.unwrap(), i64::try_from(CALLERS * EACH).unwrap());
    report.add("store: durable writes", rate, "/s", "the limit: 16 callers, group commit, fsync");
}

/// An audit log in this folder.
pub async fn build_audit(folder: &Folder) -> lcr_audit::Handle {
    let own = SigningKey::generate().unwrap();
    let clock = Arc::new(SystemClock);
    let authenticator = Authenticator { me: ServiceName::Audit, keys: KeyRing::new(own, vec![]), clock: clock.clone() };
    let deps = lcr_audit::Deps {
        store: folder.path().join("audit.db").into(),
        clock,
        authenticator,
        stop: Stop::new(),
        log_key: SigningKey::generate().unwrap(),
        metrics: lcr_audit::Metrics::new(&lcr_observe::Meter::new()).unwrap(),
    };
    lcr_audit::build(deps).await.unwrap()
}

/// Measures audit entries, each on disk before its caller's next.
pub async fn audit_appends(report: &mut Report) {
    let folder = Folder::new("bench-audit").unwrap();
    let audit = build_audit(&folder).await;
    let actor = Actor {
        user: UserId::new("bench"),
        kind: ActorKind::Person,
        name: "Somebody".into(),
        org: OdsCode::new("Y90001"),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    let caller = lcr_testkit::caller(ServiceName::Consent, actor.clone());
    let started = Instant::now();
    join_all((0..APPENDERS).map(|_| {
        let (audit, caller, actor) = (audit.api.clone(), caller.clone(), actor.clone());
        async move {
            for _ in 0..EACH {
                let entry = OpenEntry {
                    id: Uuid::now_v7(),
                    view: ViewId::new(),
                    at: SystemClock.now(),
                    actor: actor.clone(),
                    audience: ServiceName::RecordAggregation,
                    what: AccessKind::Record,
                    outcome: Outcome::Allowed,
                    reason: "registered at Beckside Surgery".to_owned().into(),
                    people: vec![PersonId::new()],
                    datasets: Dataset::ALL.to_vec(),
                    policy_version: "1".into(),
                    choice: None,
                    concerned: std::collections::BTreeMap::new(),
                };
                audit.open(&caller, entry).await.unwrap();
            }
        }
    }))
    .await;
    let rate = (APPENDERS * EACH) as f64 / started.elapsed().as_secs_f64();
    report.add("audit: appends", rate, "/s", "64 callers, each on disk before its answer, the tree growing beside");
    report.ratio(
        "audit: appends over durable writes",
        "audit: appends",
        "store: durable writes",
        "three rows and two indexes an entry",
    );
}
