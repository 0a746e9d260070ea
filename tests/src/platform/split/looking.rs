//! Looking into a split platform from outside, as an operator may: its registry, its stores, its bus, its database's
//! backups. It must never change what a service has written, but as a restore does.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::PoisonError,
    time::{Duration, Instant},
};

use lcr_all_in_one::Seed;
use lcr_bus::{Bus, NatsBus};
use lcr_contracts::{Registrar, events::Stream, registrar::PartnerSet};
use lcr_model::{ServiceName, SystemClock};
use lcr_runtime::process::NoTables;
use lcr_store::{Durability, Location, Store};
use lcr_web::remote::{Peers, registrar};
use reqwest::Url;
use sea_orm::{ConnectionTrait, Statement};

use super::{SERVICES, STARTS_WITHIN, Split, canonical, secrets};

/// Who hears what: everything of it must be taken in before a platform counts as loaded.
const HEARD: [(Stream, &[&str]); 6] = [
    (Stream::Feeds, &["patient-index", "record-aggregation", "virtual-ward"]),
    (Stream::People, &["consent", "virtual-ward", "audit"]),
    (Stream::Partners, &["consent", "record-aggregation", "virtual-ward", "feeds"]),
    (Stream::Identity, &["consent"]),
    (Stream::Ward, &["consent", "record-aggregation"]),
    (Stream::Audit, &["audit"]),
];

impl Split {
    /// Says the registry's rows as the operator does.
    pub async fn register(&self, seed: Seed) {
        let me = ServiceName::Operator;
        let identity = format!("http://127.0.0.1:{}", canonical(self.told.ports, ServiceName::Identity));
        let addresses = BTreeMap::from([(ServiceName::Identity, Url::parse(&identity).expect("an address"))]);
        let clock = std::sync::Arc::new(SystemClock);
        let numbers = lcr_web::measure::PeerCalls::new(&lcr_observe::Meter::new()).expect("numbers");
        let peers = Peers { me, keys: secrets(me).ring, clock, addresses, numbers };
        let registrar = registrar::Remote(peers.peer(ServiceName::Identity).expect("a way to identity"));
        let Seed { organisations, systems, clients } = seed;
        registrar.replace(PartnerSet { organisations, systems, clients }).await.expect("the registry");
    }

    /// A service's own store, to look into.
    pub async fn store(&self, service: ServiceName) -> Store {
        let location = Location::parse(&self.database(), service.as_str()).expect("an address");
        let opened = Store::open::<NoTables>(location, service.as_str(), Durability::Acknowledged).await;
        opened.expect("a store")
    }

    /// The bus, as one more listener.
    pub async fn bus(&self) -> NatsBus {
        let around = self.told.around.as_ref();
        let (url, replicas) = around.map_or_else(
            || (self.nats.url(), 1),
            |it| (it.bus_seen_from_here.clone(), it.bus_replicas.into()),
        );
        NatsBus::connect(&url, replicas).await.expect("an address")
    }

    /// Events that somebody has still to hear, over all of them; `None` while that cannot be said.
    pub async fn behind(&self) -> Option<u64> {
        let mut behind = 0;
        for service in SERVICES.into_iter().filter(|one| *one != ServiceName::Gateway) {
            behind += NatsBus::unsent(&self.store(service).await).await.ok()?;
        }
        let bus = self.bus().await;
        for (stream, consumers) in HEARD {
            for consumer in consumers {
                behind += bus.behind(stream, consumer).await.ok()?;
            }
        }
        Some(behind)
    }

    /// Waits until nobody has anything still to hear.
    pub async fn until_heard(&self) {
        let started = Instant::now();
        while self.behind().await != Some(0) {
            assert!(started.elapsed() < STARTS_WITHIN, "somebody has still to hear of something");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything they wrote.
    pub fn said(&self) -> String {
        let files = lcr_testkit::data::files(&self.logs).unwrap_or_default();
        files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect()
    }

    /// The database of all their schemas, as its superuser.
    pub fn database(&self) -> String {
        self.database.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the database takes on disk.
    pub async fn database_bytes(&self) -> u64 {
        let store = self.store(ServiceName::Audit).await;
        let query = "SELECT pg_database_size(current_database())";
        let query = Statement::from_string(store.read().get_database_backend(), query);
        let row = store.read().query_one_raw(query).await.expect("an answer").expect("a row");
        row.try_get_by_index::<i64>(0).expect("a size").unsigned_abs()
    }

    /// One moment of the whole database, in a file.
    pub fn back_up(&self) -> PathBuf {
        let file = self.logs.with_file_name("backup");
        self.postgres.dump(&self.database(), &file);
        file
    }

    /// The platform's database is another from now on: an empty one, filled from `backup`.
    pub fn restore(&self, backup: &std::path::Path) {
        let empty = self.postgres.database();
        self.postgres.load(&empty, backup);
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = empty;
    }
}
