//! A clock and a registrar that tests control.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Failure, FailureKind, Registrar,
    registrar::{PartnerSet, ReplaceResult},
};
use lcr_model::Clock;

/// A clock that starts at 10:00 on 22 November 2026 and can be moved forward.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<Mutex<SignedDuration>>, std::time::Instant);

impl TestClock {
    pub fn advance(&self, more: SignedDuration) {
        *self.0.lock().unwrap() += more;
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::default(), std::time::Instant::now())
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        start + *self.0.lock().unwrap() + self.1.elapsed()
    }
}

/// Records the sets it receives.
#[derive(Debug, Default)]
pub struct FakeRegistrar {
    pub sets: Mutex<Vec<PartnerSet>>,
    pub others: Mutex<PartnerSet>,
    pub unavailable: AtomicBool,
}

#[async_trait]
impl Registrar for FakeRegistrar {
    async fn replace(&self, set: PartnerSet) -> Result<ReplaceResult, Failure> {
        if self.unavailable.load(Ordering::SeqCst) {
            return Err(Failure::new(FailureKind::Unavailable, "away"));
        }
        self.sets.lock().unwrap().push(set);
        Ok(ReplaceResult::default())
    }

    async fn others(&self) -> Result<PartnerSet, Failure> {
        Ok(self.others.lock().unwrap().clone())
    }
}
