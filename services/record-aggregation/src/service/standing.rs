//! An answer leaves only under a decision that still stands: everything in it is computed from the grant that was
//! confirmed last. When the person changed meanwhile it is decided and computed again, until it stands or the time of the
//! view is up. It must never return anything computed from an earlier grant.

use std::time::Duration;

use lcr_contracts::{Failure, Kind as FailureKind, record::Record};
use tokio::time::Instant;

use super::{completion::Completer, open::Opened};

/// How long after the sources' deadline a view may be decided again.
pub const DECIDED_WITHIN: Duration = Duration::from_secs(3);
/// How old a confirmation may be when its answer leaves: longer, and it is confirmed once more.
const STILL_NOW: Duration = Duration::from_millis(50);
/// How often what was shown may take longer than that before the view is given up.
const TRIES: usize = 5;
/// The shortest and the longest pause before it is decided again.
const PAUSES: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(80)];

/// The pauses between decisions of one answer: each twice the one before, up to a limit.
#[derive(Debug)]
pub struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(PAUSES[0])
    }
}

impl Pauses {
    pub async fn next(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(PAUSES[1]);
    }
}

/// Computes an answer from the view as it stands, waiting for its sources or not, and confirms the decision after that.
/// `compute` must read the grant from the view it is given.
pub async fn standing<T>(
    opened: &mut Opened,
    wait_for_sources: bool,
    compute: impl Fn(&Opened) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let until = opened.until.max(Instant::now()) + DECIDED_WITHIN;
    let mut pauses = Pauses::default();
    loop {
        if wait_for_sources {
            opened.settle().await;
        }
        let computed = compute(opened);
        match opened.confirm().await {
            Ok(()) => return computed,
            Err(failure) if failure.kind == FailureKind::Conflict && Instant::now() < until => {
                pauses.next().await;
                opened.renew(until).await?;
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// The same, and what is shown is on this process's disk before it leaves: whoever has seen something is on the log with
/// it, whatever is killed. Where that took its time the decision is confirmed once more.
pub async fn shown<T>(
    completer: &Completer,
    opened: &mut Opened,
    compute: impl Fn(&Opened) -> Result<T, Failure>,
    record_of: impl Fn(&T) -> &Record,
) -> Result<T, Failure> {
    for _ in 0..TRIES {
        let answer = standing(opened, true, &compute).await?;
        let confirmed = Instant::now();
        completer.shown(opened, record_of(&answer)).await;
        if confirmed.elapsed() < STILL_NOW {
            return Ok(answer);
        }
        match opened.confirm().await {
            Ok(()) => return Ok(answer),
            Err(failure) if failure.kind == FailureKind::Conflict => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::cannot_record("what is shown takes too long to be kept"))
}

/// Makes a whole view again, from its opening on, while it fails because the person changed.
pub async fn until_it_stands<T, F>(deadline: Duration, view: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let until = Instant::now() + deadline + DECIDED_WITHIN;
    let mut pauses = Pauses::default();
    loop {
        match view().await {
            Err(failure) if failure.kind == FailureKind::Conflict && Instant::now() < until => {
                pauses.next().await;
            }
            other => return other,
        }
    }
}
