//! Turns another service's answer into a result. The callee's outward text is passed on; its inward text never leaves it,
//! so the log only gets the callee's name.

use lcr_contracts::{Failure, FailureKind};
use lcr_model::ServiceName;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{OutboundError, outbound::Answer};

pub fn read<T: DeserializeOwned>(from: ServiceName, call: &str, answer: &Answer) -> Result<T, Failure> {
    if !(200..300).contains(&answer.status) {
        return Err(failure(from, answer.status, &answer.body));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::internal(format!("{from} answers {call} in words not agreed")))
}

/// Whether another replica may be able to answer.
pub fn is_unavailable(answer: &Answer) -> bool {
    answer.status == 503 && parse_problem(&answer.body).is_none_or(|failure| failure.kind == FailureKind::Unavailable)
}

/// The failure in a problem (RFC 9457): its kind and outward text.
pub fn failure(from: ServiceName, status: u16, body: &[u8]) -> Failure {
    parse_problem(body).unwrap_or_else(unavailable).because(format!("{from} answered {status}"))
}

fn parse_problem(body: &[u8]) -> Option<Failure> {
    #[derive(Deserialize)]
    struct ProblemBody {
        #[serde(rename = "type")]
        kind: String,
        detail: String,
    }
    let problem = serde_json::from_slice::<ProblemBody>(body).ok()?;
    let kind = FailureKind::of_slug(problem.kind.rsplit('/').next().unwrap_or_default())?;
    Some(Failure::new(kind, problem.detail))
}

pub fn unreachable_failure(from: ServiceName, call: &str, error: OutboundError) -> Failure {
    let failure = match error {
        OutboundError::TimedOut => Failure::new(FailureKind::Timeout, "That took too long. Try again in a minute."),
        _ => unavailable(),
    };
    failure.because(format!("{from} did not answer {call}: {error}"))
}

fn unavailable() -> Failure {
    Failure::new(FailureKind::Unavailable, "A part of the record is not answering. Try again in a minute.")
}
