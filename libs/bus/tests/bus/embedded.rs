//! The bus of one process.

use std::sync::Arc;

use lcr_bus::{Bus, EmbeddedBus, suite};

use crate::scene::Owner;

struct Embedded(Owner);

impl suite::SuiteFixture for Embedded {
    async fn reopen(&mut self) -> Arc<dyn Bus> {
        let bus = EmbeddedBus::open(&self.0.folder.path().join("bus.db")).await.unwrap();
        bus.attach(self.0.store.outbox());
        Arc::new(bus)
    }

    async fn publish(&mut self, count: usize) {
        self.0.publish(count).await;
    }
}

#[tokio::test]
async fn the_embedded_bus_passes_the_suite() {
    suite::run(&mut Embedded(Owner::new("owner").await)).await.unwrap();
}
