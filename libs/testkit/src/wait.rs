//! Waiting for an effect that comes later. It must never wait without a limit.

use std::{fmt::Display, time::Duration};

use tokio::time::Instant;

const PAUSE: Duration = Duration::from_millis(20);

/// Waits until `holds` is true.
///
/// # Panics
/// If it does not hold within `limit`.
pub async fn eventually(limit: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    eventually_ok(limit, what, async || holds().await.then_some(()).ok_or("no")).await;
}

/// Waits until `check` succeeds, and returns its value.
///
/// # Panics
/// If it does not succeed within `limit`. The message has the last error.
pub async fn eventually_ok<T, E: Display>(
    limit: Duration,
    what: &str,
    mut check: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let started = Instant::now();
    loop {
        match check().await {
            Ok(value) => return value,
            Err(error) => assert!(started.elapsed() < limit, "not within {limit:?}: {what}: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_value_is_returned_as_soon_as_it_is_there() {
        let mut tries = 0;
        let value = eventually_ok(Duration::from_secs(5), "the third try", async || {
            tries += 1;
            if tries < 3 { Err(format!("try {tries}")) } else { Ok(tries) }
        });
        assert_eq!(value.await, 3);
    }
}
