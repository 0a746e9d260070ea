//! Why a request got no answer. It must never hold an address or a body.

use thiserror::Error;

/// Why a call failed. Names no address and quotes nothing of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OutboundError {
    #[error("the address is not one we may call")]
    Refused,
    #[error("no connection")]
    Connect,
    #[error("no secure connection: a certificate was not accepted")]
    Tls,
    #[error("no answer in time")]
    TimedOut,
    #[error("the answer is larger than we take")]
    TooLarge,
    #[error("the answer broke off or was not HTTP")]
    Broken,
}

pub(super) fn failed(error: &reqwest::Error) -> OutboundError {
    match error {
        e if is_tls(e) => OutboundError::Tls,
        e if e.is_connect() => OutboundError::Connect,
        e if e.is_timeout() => OutboundError::TimedOut,
        _ => OutboundError::Broken,
    }
}

/// Whether TLS is what failed. An I/O error hides the error that it carries from `source`.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let carried = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || carried.is_some_and(|inner| is_tls(inner)) || error.source().is_some_and(is_tls)
}
