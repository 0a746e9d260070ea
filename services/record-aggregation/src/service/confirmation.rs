//! Computes an answer and confirms the decision before the answer leaves. If the person changed meanwhile, the view is decided
//! and computed again until the deadline. It must never return anything computed from an earlier grant.

use std::time::Duration;

use lcr_contracts::{Failure, FailureKind, record::Record};
use lcr_model::Backoff;
use tokio::time::Instant;

use super::{completion::CompletionPublisher, open::OpenView};

/// How long a view may be decided again, after the deadline or from now.
pub const REDECIDE_WITHIN: Duration = Duration::from_secs(3);
/// A confirmation older than this is repeated before the answer leaves.
const MAX_CONFIRMATION_AGE: Duration = Duration::from_millis(50);
/// How often an answer is computed again because a decision changed while its completion was published.
const MAX_ATTEMPTS: usize = 5;
/// The waits between two decisions of one answer.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(5), Duration::from_millis(80));

/// Computes an answer from the view, then confirms the decision. `compute` must read the grant from the view it is given.
pub async fn compute_confirmed<T>(
    view: &mut OpenView,
    wait_for_sources: bool,
    compute: impl Fn(&OpenView) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let until = view.deadline.max(Instant::now()) + REDECIDE_WITHIN;
    let mut backoff = BACKOFF;
    loop {
        if wait_for_sources {
            view.wait_for_sources().await;
        }
        let computed = compute(view);
        match view.confirm().await {
            Ok(()) => return computed,
            Err(failure) if failure.kind == FailureKind::Conflict && Instant::now() < until => {
                tokio::time::sleep(backoff.next_delay()).await;
                view.decide_again(until).await?;
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// Computes a confirmed answer and publishes its completion before the answer leaves, so that a crash
/// does not lose it. Confirms again if storing it took long.
pub async fn compute_and_record<T>(
    publisher: &CompletionPublisher,
    view: &mut OpenView,
    compute: impl Fn(&OpenView) -> Result<T, Failure>,
    record_of: impl Fn(&T) -> &Record,
) -> Result<T, Failure> {
    for _ in 0..MAX_ATTEMPTS {
        let answer = compute_confirmed(view, true, &compute).await?;
        let confirmed_at = Instant::now();
        publisher.publish_shown(view, record_of(&answer)).await;
        if confirmed_at.elapsed() < MAX_CONFIRMATION_AGE {
            return Ok(answer);
        }
        match view.confirm().await {
            Ok(()) => return Ok(answer),
            Err(failure) if failure.kind == FailureKind::Conflict => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::cannot_record("storing what is shown takes too long"))
}

/// Opens and computes a view again while it fails because the person changed.
pub async fn retry_until_confirmed<T, F>(deadline: Duration, open_view: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let until = Instant::now() + deadline + REDECIDE_WITHIN;
    let mut backoff = BACKOFF;
    loop {
        match open_view().await {
            Err(failure) if failure.kind == FailureKind::Conflict && Instant::now() < until => {
                tokio::time::sleep(backoff.next_delay()).await;
            }
            other => return other,
        }
    }
}
