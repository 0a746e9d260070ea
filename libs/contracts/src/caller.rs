//! The caller of a service. It must name a signed-in actor, even if a program calls.

use jiff::Timestamp;
use lcr_model::{Actor, Phi, ServiceName};

/// The caller of a service: the calling service and the signed-in actor it acts for. Over HTTP both are tokens; a call
/// without an actor is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub service: ServiceName,
    pub actor: Actor,
    /// The user token, passed on unchanged from service to service.
    pub token: Phi<String>,
    /// When the token expires. No answer may outlive it.
    pub until: Timestamp,
}

impl Caller {
    /// The same actor, called through `service`.
    #[must_use]
    pub fn through(&self, service: ServiceName) -> Self {
        Self { service, ..self.clone() }
    }
}
