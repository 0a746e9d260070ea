//! The rate of durable writes that the machine's disk allows, with the same store and in the same run, and an audit log to
//! measure. It must never be cheaper than the store itself: durable figures are compared with it.

use std::{sync::Arc, time::Instant};

use futures::future::join_all;
use lcr_auth::KeyRing;
use lcr_contracts::events::{EncounterReceived, Stream};
use lcr_model::{Clock, LocalId, PublicKey, ServiceName, SigningKey, SourceId, SourceIdentity, SpellId, SystemClock};
use lcr_runtime::Stop;
use lcr_store::{Durability, NoTables, Store};
use lcr_testkit::Folder;
use lcr_web::Authenticator;

/// Concurrent callers, and requests of each.
pub const CALLERS: usize = 16;
pub const EACH: usize = 150;

/// The rate of group commits: as many callers as senders, each committing events of a message's size one by one.
pub async fn commits() -> f64 {
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
    rate
}

/// An audit log in this folder.
pub async fn build_audit(folder: &Folder) -> lcr_audit::Handle {
    build_audit_with_users(folder, vec![]).await
}

/// An audit log in this folder that accepts the users of whoever has one of these keys.
pub async fn build_audit_with_users(folder: &Folder, trusted: Vec<(ServiceName, PublicKey)>) -> lcr_audit::Handle {
    let own = SigningKey::generate().unwrap();
    let clock = Arc::new(SystemClock);
    let authenticator =
        Authenticator { me: ServiceName::Audit, keys: KeyRing::new(own, trusted), clock: clock.clone() };
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
