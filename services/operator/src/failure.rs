//! The errors of reconciling: a short reason for metrics, status and runbook, and the API server's message for the log.
//! The status text must be equal for equal faults, or every attempt would write a new status.

use kube::core::Status;
use thiserror::Error;

/// The longest part of the API server's message in a log line.
const MAX_MESSAGE_CHARS: usize = 500;

/// A failed attempt. It is always retried.
#[derive(Debug, Error)]
pub enum Failure {
    #[error("{what}: {}", full_message(.error))]
    Cluster { what: String, error: Box<kube::Error> },
    #[error("identity: {0}")]
    Identity(String),
}

impl Failure {
    /// A failed request to the API server about `what`.
    pub fn cluster(what: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let what = what.into();
        move |error| Self::Cluster { what, error: Box::new(error) }
    }

    /// A failed call to identity.
    #[expect(clippy::needless_pass_by_value, reason = "as `map_err` calls it")]
    pub fn identity(failure: lcr_contracts::Failure) -> Self {
        Self::Identity(format!("{} ({})", failure.outward(), failure.kind.slug()))
    }

    /// The text for a status.
    pub fn summary(&self) -> String {
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
                kube::Error::Api(status) => status_reason(status),
                _ => "unreachable",
            },
        }
    }
}

fn status_reason(status: &Status) -> &'static str {
    match status.code {
        401 | 403 => "forbidden",
        404 => "no-such-kind",
        409 => "conflict",
        400 | 422 => "invalid",
        429 | 500.. => "unavailable",
        _ => "refused",
    }
}

fn full_message(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => {
            let message: String = status.message.chars().take(MAX_MESSAGE_CHARS).collect();
            format!("{} ({}): {message}", status_reason(status), status.code)
        }
        other => format!("the API server did not answer: {other}"),
    }
}
