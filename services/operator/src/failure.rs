//! Why an attempt failed: in a few words that a metric, a status and a runbook can name, and in the API server's own for
//! the log. What a status says must be the same for the same fault, or each attempt would be news.

use kube::core::Status;
use thiserror::Error;

/// Characters of the API server's own words that a log line takes.
const MOST_SAID: usize = 500;

/// An attempt that failed; it is made again.
#[derive(Debug, Error)]
pub enum Failure {
    #[error("{what}: {}", in_full(.error))]
    Cluster { what: String, error: Box<kube::Error> },
    #[error("identity: {0}")]
    Identity(String),
}

impl Failure {
    /// Of a request to the API server about `what`.
    pub fn cluster(what: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let what = what.into();
        move |error| Self::Cluster { what, error: Box::new(error) }
    }

    /// Of a call to identity.
    #[expect(clippy::needless_pass_by_value, reason = "as `map_err` calls it")]
    pub fn identity(failure: lcr_contracts::Failure) -> Self {
        Self::Identity(format!("{} ({})", failure.outward(), failure.kind.slug()))
    }

    /// As a status says it.
    pub fn short(&self) -> String {
        match self {
            Self::Identity(_) => "identity".to_owned(),
            Self::Cluster { what, .. } => format!("{what}: {}", self.reason()),
        }
    }

    /// The label of `lcr_reconcile_failures_total`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Identity(_) => "identity",
            Self::Cluster { error, .. } => match error.as_ref() {
                kube::Error::Api(status) => of_status(status),
                _ => "unreachable",
            },
        }
    }
}

fn of_status(status: &Status) -> &'static str {
    match status.code {
        401 | 403 => "forbidden",
        404 => "no-such-kind",
        409 => "conflict",
        400 | 422 => "invalid",
        429 | 500.. => "unavailable",
        _ => "refused",
    }
}

fn in_full(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => {
            let said: String = status.message.chars().take(MOST_SAID).collect();
            format!("{} ({}): {said}", of_status(status), status.code)
        }
        other => format!("the API server did not answer: {other}"),
    }
}
