//! A consumer that records its events and fails on demand. It must never hide an event from the suite.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use lcr_contracts::{Failure, FailureKind, events::CloudEvent};
use lcr_observe::Meter;
use uuid::Uuid;

use super::{Outcome, STREAM, TIMEOUT, ids};
use crate::{Bus, Consumer, ConsumerMetrics, Mode, consume};

/// A consumer that remembers what it applied and fails on demand.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordingConsumer(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    applied: HashSet<Uuid>,
    failure_on_demand: Option<(usize, FailureKind)>,
    failed: HashSet<Uuid>,
}

impl RecordingConsumer {
    pub(super) fn start(&self, bus: &Arc<dyn Bus>, name: &'static str) -> tokio::task::JoinHandle<()> {
        let (bus, consumer) = (bus.clone(), Arc::new(self.clone()));
        tokio::spawn(async move {
            // A registry of its own: no metric is registered twice.
            if let Ok(metrics) = ConsumerMetrics::new(&Meter::new(), name) {
                consume(bus, STREAM, Mode::Work(name), consumer, metrics).await;
            }
        })
    }

    /// From now on the first `count` events fail, always. 0 stops the failures.
    pub(super) fn fail_next(&self, count: usize, kind: FailureKind) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failure_on_demand = (count > 0).then_some((count, kind));
        state.failed.clear();
    }

    pub(super) async fn wait_for(&self, count: usize) -> Outcome {
        let started = Instant::now();
        while started.elapsed() < TIMEOUT {
            if self.0.lock().unwrap_or_else(PoisonError::into_inner).applied.len() >= count {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("not everything was applied")
    }
}

#[async_trait]
impl Consumer for RecordingConsumer {
    async fn apply(&self, events: &[CloudEvent]) -> Result<(), Failure> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((count, kind)) = state.failure_on_demand {
            for id in ids(events) {
                if state.failed.len() < count {
                    state.failed.insert(id);
                }
                if state.failed.contains(&id) {
                    return Err(Failure::new(kind, "It failed on demand."));
                }
            }
        }
        state.applied.extend(ids(events));
        Ok(())
    }
}
