//! Waiting between attempts: exponential, bounded, with jitter. Nothing here may wait longer than `MAX_BACKOFF`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) const MIN_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(5);

/// Sleeps for about `wait`, then doubles it.
pub(crate) async fn pause(wait: &mut Duration) {
    tokio::time::sleep(with_jitter(*wait)).await;
    *wait = (*wait * 2).min(MAX_BACKOFF);
}

/// Between half of `wait` and all of it, from the clock's last digits: enough to spread replicas.
pub(crate) fn with_jitter(wait: Duration) -> Duration {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    wait / 2 + wait.mul_f64(f64::from(nanos % 1000) / 2000.0)
}
