//! A write whose event another service consumer.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_bus::{Bus, Consumer, ConsumerMetrics, EmbeddedBus, Mode, consume};
use lcr_contracts::{
    Failure,
    events::{CloudEvent, SessionEnded, Stream},
};
use lcr_model::SessionId;
use lcr_observe::Meter;
use lcr_runtime::process::NoTables;
use lcr_store::{Durability, Store};
use tokio::sync::mpsc;
use tracing::Instrument;

use super::collector::{Collector, goes_on, named};

struct NotifyingConsumer(mpsc::Sender<usize>);

#[async_trait]
impl Consumer for NotifyingConsumer {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        self.0.send(events.len()).await.map_err(Failure::internal)
    }
}

async fn end_a_session(store: &Store, name: &'static str) {
    let at = Timestamp::UNIX_EPOCH;
    let span = tracing::info_span!(target: "lcr_test", "write", otel.name = name);
    let ended = SessionEnded { session: SessionId::new(), at };
    let write = store.write(async move |tx| Store::publish(&tx, at, &[ended]).await);
    write.instrument(span).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_for_an_event_goes_on_with_the_trace_that_wrote_it() {
    let collector = Collector::start("consent").await;
    let folder = lcr_testkit::Folder::new("events").unwrap();
    let file = folder.path().join("identity.db");
    let store = Store::open::<NoTables>(file, "identity", Durability::Rebuildable).await.unwrap();
    let bus = EmbeddedBus::open(&folder.path().join("bus.db")).await.unwrap();
    bus.attach(store.outbox());
    // Two traces in one batch, and then one alone.
    end_a_session(&store, "first").await;
    end_a_session(&store, "second").await;
    let (sender, mut applied) = mpsc::channel(9);
    let meter = Meter::new();
    let metrics = ConsumerMetrics::new(&meter, "consent").unwrap();
    let shared: Arc<dyn Bus> = Arc::new(bus);
    let consumer =
        consume(shared, Stream::Identity, Mode::Work("consent"), Arc::new(NotifyingConsumer(sender)), metrics);
    let consumer = tokio::spawn(consumer);
    assert_eq!(applied.recv().await, Some(2));
    end_a_session(&store, "third").await;
    assert_eq!(applied.recv().await, Some(1));
    // The batch's span ends with its acknowledgement.
    tokio::time::sleep(Duration::from_millis(300)).await;
    consumer.abort();
    let mut spans = collector.stop().await;
    let batches = spans.iter().filter(|span| span.name.starts_with("process"));
    assert!(batches.clone().all(|span| span.name == "process uk.leedscarerecord.identity.session-ended.v1"));
    assert_eq!(batches.count(), 2);

    let both = spans.iter().position(|span| !span.links.is_empty()).unwrap();
    let both = spans.remove(both);
    let linked: Vec<&[u8]> = both.links.iter().map(|link| link.span_id.as_slice()).collect();
    assert_eq!(linked, [&named(&spans, "first").span_id[..], &named(&spans, "second").span_id[..]]);
    let alone = named(&spans, "process uk.leedscarerecord.identity.session-ended.v1");
    goes_on(alone, named(&spans, "third"));
    let text = meter.text();
    let counted = r#"lcr_bus_events_total{consumer="consent",outcome="ok",stream="IDENTITY"} 3"#;
    assert!(text.contains(counted), "{text}");
    assert!(text.contains(r#"lcr_bus_lag{consumer="consent",stream="IDENTITY"}"#), "{text}");
}
