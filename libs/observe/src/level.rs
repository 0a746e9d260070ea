//! Gauges that are sampled, because their changes are not announced. A failed sample must keep the last value: an outage
//! has its own alarm.

use std::{future::Future, time::Duration};

use prometheus::IntGauge;

/// How often a level is sampled.
const SAMPLE_INTERVAL: Duration = Duration::from_secs(5);

/// One part of a gauge that sums several parts. Dropping it subtracts its value.
#[derive(Debug)]
pub struct Level {
    sum: IntGauge,
    part: i64,
}

impl Level {
    pub fn in_sum(sum: &IntGauge) -> Self {
        Self { sum: sum.clone(), part: 0 }
    }

    pub fn set(&mut self, now: u64) {
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        self.sum.add(now - self.part);
        self.part = now;
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        self.sum.sub(self.part);
    }
}

/// Runs `sample` for ever, at once and then every five seconds.
pub async fn sample<F: Future<Output = ()>>(mut read: impl FnMut() -> F) {
    loop {
        read().await;
        tokio::time::sleep(SAMPLE_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_leave_the_sum_when_they_go() {
        let sum = IntGauge::new("x", "x").unwrap();
        let (mut one, mut other) = (Level::in_sum(&sum), Level::in_sum(&sum));
        one.set(3);
        other.set(4);
        one.set(1);
        assert_eq!(sum.get(), 5);
        drop(other);
        assert_eq!(sum.get(), 1);
    }
}
