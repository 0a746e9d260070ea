//! Numbers that are looked at now and then, since nobody is told when they change. A look that fails keeps the last
//! number: a store that is away is another alarm's business.

use std::{future::Future, time::Duration};

use prometheus::IntGauge;

/// How often a level is looked at.
const LOOKS: Duration = Duration::from_secs(5);

/// One part of a gauge that adds up what several look at. Goes out of the sum when it is dropped.
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

/// Looks for ever, at once and then every five seconds.
pub async fn sample<F: Future<Output = ()>>(mut look: impl FnMut() -> F) {
    loop {
        look().await;
        tokio::time::sleep(LOOKS).await;
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
