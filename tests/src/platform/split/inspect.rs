//! Access to a split platform from outside, as an operator has it: registry, stores, bus, backups of the database. It must
//! never change a service's data, except by a restore.

use std::{collections::BTreeMap, path::PathBuf, sync::PoisonError};

use lcr_all_in_one::Seed;
use lcr_bus::{Bus, NatsBus};
use lcr_contracts::{
    Registrar,
    events::Stream,
    registrar::PartnerSet,
    registry::{DatasetSwitch, Stage, StageRule, System},
};
use lcr_model::{ServiceName, SystemClock};
use lcr_store::{Durability, Location, NoTables, Store};
use lcr_testkit::eventually;
use lcr_web::remote::{PeerDirectory, registrar};
use reqwest::Url;
use sea_orm::{ConnectionTrait, Statement};

use super::{SERVICES, Split, canonical_port, replicas::READY_TIMEOUT, secrets_of};

/// The durable consumers of each stream. A platform is loaded when they have consumed all events.
const SUBSCRIPTIONS: [(Stream, &[&str]); 6] = [
    (Stream::Feeds, &["patient-index", "record-aggregation", "virtual-ward", "consent"]),
    (Stream::People, &["consent", "virtual-ward", "audit"]),
    (Stream::Partners, &["consent", "record-aggregation", "virtual-ward", "feeds"]),
    (Stream::Identity, &["consent"]),
    (Stream::Ward, &["consent", "record-aggregation"]),
    (Stream::Audit, &["audit"]),
];

/// A system with every agreed dataset switched on. One of the operator without stages begins switched off.
fn switched_on(mut system: System) -> System {
    let agreed = system.datasets.iter().filter(|(_, switch)| **switch == DatasetSwitch::On);
    for dataset in agreed.map(|(dataset, _)| *dataset) {
        system.setup.stages.set(StageRule { dataset, unit: None, receiver: None, stage: Stage::On });
    }
    system
}

impl Split {
    /// Writes the registry's rows as the operator does.
    pub async fn register(&self, seed: Seed) {
        let me = ServiceName::Operator;
        let identity = format!("http://127.0.0.1:{}", canonical_port(self.options.ports, ServiceName::Identity));
        let addresses = BTreeMap::from([(ServiceName::Identity, Url::parse(&identity).expect("an address"))]);
        let clock = std::sync::Arc::new(SystemClock);
        let calls = lcr_web::metrics::PeerCalls::new(&lcr_observe::Meter::new()).expect("metrics");
        let peers = PeerDirectory { me, keys: secrets_of(me).ring, clock, addresses, calls };
        let registrar = registrar::Remote(peers.peer(ServiceName::Identity).expect("a way to identity"));
        let Seed { organisations, systems, clients } = seed;
        let systems = systems.into_iter().map(switched_on).collect();
        let set = PartnerSet { organisations, systems, clients, ..PartnerSet::default() };
        registrar.replace(set).await.expect("the registry");
    }

    /// Opens a service's store.
    pub async fn store(&self, service: ServiceName) -> Store {
        let location = Location::parse(&self.database_url(), service.as_str()).expect("an address");
        let opened = Store::open::<NoTables>(location, service.as_str(), Durability::Acknowledged).await;
        opened.expect("a store")
    }

    /// Connects to the bus.
    pub async fn bus(&self) -> NatsBus {
        let external = self.options.external.as_ref();
        let (url, replicas) =
            external.map_or_else(|| (self.nats.url(), 1), |it| (it.bus_plaintext.clone(), it.bus_replicas.into()));
        NatsBus::connect(&url, replicas).await.expect("an address")
    }

    /// The number of events that are not yet sent or consumed; `None` while it cannot be determined.
    pub async fn count_unconsumed_events(&self) -> Option<u64> {
        let mut count = 0;
        for service in SERVICES.into_iter().filter(|one| *one != ServiceName::Gateway) {
            count += NatsBus::unsent(&self.store(service).await).await.ok()?;
        }
        let bus = self.bus().await;
        for (stream, consumers) in SUBSCRIPTIONS {
            for consumer in consumers {
                count += bus.lag(stream, consumer).await.ok()?;
            }
        }
        Some(count)
    }

    /// Waits until all events are consumed.
    pub async fn wait_until_consumed(&self) {
        eventually(READY_TIMEOUT, "all events are consumed", async || self.count_unconsumed_events().await == Some(0))
            .await;
    }

    /// The log lines of all processes.
    pub fn read_logs(&self) -> String {
        let files = lcr_testkit::data::files(&self.logs).unwrap_or_default();
        files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect()
    }

    /// The superuser's address of the database with all schemas.
    pub fn database_url(&self) -> String {
        self.database.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The size of the database on disk.
    pub async fn measure_database_bytes(&self) -> u64 {
        let store = self.store(ServiceName::Audit).await;
        let query = "SELECT pg_database_size(current_database())";
        let query = Statement::from_string(store.read().get_database_backend(), query);
        let row = store.read().query_one_raw(query).await.expect("an answer").expect("a row");
        row.try_get_by_index::<i64>(0).expect("a size").unsigned_abs()
    }

    /// Writes a consistent backup of the whole database to a file.
    pub fn back_up(&self) -> PathBuf {
        let file = self.logs.with_file_name("backup");
        self.postgres.dump(&self.database_url(), &file);
        file
    }

    /// Replaces the platform's database by an empty one that is filled from `backup`.
    pub fn restore(&self, backup: &std::path::Path) {
        let empty = self.postgres.database();
        self.postgres.load(&empty, backup);
        *self.database.lock().unwrap_or_else(PoisonError::into_inner) = empty;
    }
}
