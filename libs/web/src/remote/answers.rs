//! What another service's answer, or its silence, means here. An outward text of the callee is handed on, its inward one
//! never leaves it: only the callee's name is added for the log.

use lcr_contracts::{Failure, Kind};
use lcr_model::ServiceName;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{OutboundError, client::Answer};

pub fn read<T: DeserializeOwned>(from: ServiceName, call: &str, answer: &Answer) -> Result<T, Failure> {
    if !(200..300).contains(&answer.status) {
        return Err(failure(from, answer.status, &answer.body));
    }
    serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::internal(format!("{from} answers {call} in words not agreed")))
}

/// Whether somebody else may be able to answer: not where the callee knows that it will go on as it is for a while.
pub fn is_unavailable(answer: &Answer) -> bool {
    answer.status == 503 && told(&answer.body).is_none_or(|failure| failure.kind == Kind::Unavailable)
}

/// The failure that a problem (RFC 9457) tells of: its kind and its outward text.
pub fn failure(from: ServiceName, status: u16, body: &[u8]) -> Failure {
    told(body).unwrap_or_else(unavailable).because(format!("{from} answered {status}"))
}

fn told(body: &[u8]) -> Option<Failure> {
    #[derive(Deserialize)]
    struct Told {
        #[serde(rename = "type")]
        kind: String,
        detail: String,
    }
    let told = serde_json::from_slice::<Told>(body).ok()?;
    let kind = Kind::of_slug(told.kind.rsplit('/').next().unwrap_or_default())?;
    Some(Failure::new(kind, told.detail))
}

pub fn unreached(from: ServiceName, call: &str, error: OutboundError) -> Failure {
    let failure = match error {
        OutboundError::TimedOut => Failure::new(Kind::Timeout, "That took too long. Try again in a minute."),
        _ => unavailable(),
    };
    failure.because(format!("{from} did not answer {call}: {error}"))
}

fn unavailable() -> Failure {
    Failure::new(Kind::Unavailable, "A part of the record is not answering. Try again in a minute.")
}
