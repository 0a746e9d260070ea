//! The embedded bus passes the suite every bus must pass.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on has failed")]

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use lcr_bus::{Bus, EmbeddedBus, suite};
use lcr_contracts::events::PersonChanged;
use lcr_model::PersonId;
use lcr_store::{Durability, Store};
use sea_orm::DbErr;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

struct NoTables;
impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}

struct Embedded {
    folder: PathBuf,
    store: Store,
}

impl suite::Bench for Embedded {
    async fn reopen(&mut self) -> Arc<dyn Bus> {
        let bus = EmbeddedBus::open(&self.folder.join("bus.db")).await.unwrap();
        bus.attach(self.store.outbox());
        Arc::new(bus)
    }

    async fn publish(&mut self, count: usize) {
        let events: Vec<PersonChanged> = (0..count)
            .map(|_| PersonChanged {
                person: PersonId::new(),
                version: 1,
                identities: vec![],
                practice: None,
                marks: vec![],
            })
            .collect();
        let publish = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move { Store::publish(tx, Timestamp::now(), &events).await })
        });
        publish.await.unwrap();
    }
}

#[tokio::test]
async fn the_embedded_bus_passes_the_suite() {
    let folder = std::env::temp_dir().join(format!("lcr-bus-{}", PersonId::new()));
    std::fs::create_dir_all(&folder).unwrap();
    let store =
        Store::open::<NoTables>(&folder.join("owner.db"), "owner", Durability::Acknowledged).await.unwrap();
    let mut bench = Embedded { folder: folder.clone(), store };
    suite::run(&mut bench).await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
