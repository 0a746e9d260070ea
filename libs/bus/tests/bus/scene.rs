//! An owner with its own store that publishes `PersonChanged` events.

use jiff::Timestamp;
use lcr_contracts::events::{PersonChanged, PersonMark};
use lcr_model::PersonId;
use lcr_store::{Durability, Location, NoTables, Store};
use lcr_testkit::{Folder, servers::Postgres};

pub struct Owner {
    pub folder: Folder,
    pub store: Store,
}

impl Owner {
    pub async fn new(name: &str) -> Self {
        let folder = Folder::new("bus").unwrap();
        let file = folder.path().join("owner.db");
        let store = Store::open::<NoTables>(&file, name, Durability::Acknowledged).await.unwrap();
        Self { folder, store }
    }

    /// Replicas of one owner, each with its own connection to one schema.
    pub async fn replicas(count: usize) -> Vec<Self> {
        let location = Location::parse(&Postgres::shared().database(), "owner").unwrap();
        lcr_store::migrate::run::<NoTables>(&location, &location).await.unwrap();
        let mut all = vec![];
        for _ in 0..count {
            let store = Store::open::<NoTables>(location.clone(), "owner", Durability::Acknowledged).await;
            all.push(Self { folder: Folder::new("bus").unwrap(), store: store.unwrap() });
        }
        all
    }

    pub async fn publish(&self, count: usize) {
        self.publish_events((0..count).map(|_| changed(vec![])).collect()).await;
    }

    /// Publishes one event of `bytes` bytes.
    pub async fn publish_large(&self, bytes: usize) {
        self.publish_events(vec![changed(vec!["x".repeat(bytes).into()])]).await;
    }

    async fn publish_events(&self, events: Vec<PersonChanged>) {
        let publish = self.store.write(async move |tx| Store::publish(&tx, Timestamp::now(), &events).await);
        publish.await.unwrap();
    }
}

fn changed(marks: Vec<PersonMark>) -> PersonChanged {
    PersonChanged { person: PersonId::new(), version: 1, identities: vec![], practice: None, marks }
}
