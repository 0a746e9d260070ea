//! Retries while a projection catches up. It must never repeat a call that failed for another reason.

use std::{future::Future, time::Duration};

use lcr_contracts::{Failure, FailureKind};
use lcr_model::Backoff;
use tokio::time::{Instant, sleep};

/// The waits between attempts.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(60), Duration::from_millis(500));

/// Calls `attempt` until it succeeds or fails for another reason than `CatchingUp`. After `until` the last failure stands.
pub async fn retry_while_catching_up<T, F>(until: Instant, mut attempt: impl FnMut() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut backoff = BACKOFF;
    loop {
        match attempt().await {
            Err(failure) if failure.kind == FailureKind::CatchingUp && Instant::now() < until => {
                sleep(backoff.next_delay()).await;
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn attempts(kind: FailureKind, seconds: u64) -> (usize, bool) {
        let count = Cell::new(0);
        let attempt = || {
            count.set(count.get() + 1);
            let done = count.get() == 3;
            async move { if done { Ok(()) } else { Err(Failure::new(kind, "Not yet.")) } }
        };
        let until = Instant::now() + Duration::from_secs(seconds);
        let result = retry_while_catching_up(until, attempt).await;
        (count.get(), result.is_ok())
    }

    #[tokio::test(start_paused = true)]
    async fn only_catching_up_is_retried_and_only_until_the_deadline() {
        assert_eq!(attempts(FailureKind::CatchingUp, 10).await, (3, true));
        assert_eq!(attempts(FailureKind::Unavailable, 10).await, (1, false));
        assert_eq!(attempts(FailureKind::CatchingUp, 0).await, (1, false));
    }
}
