//! Identity: sessions and the registry. A session's secret is the cookie's value: it must never be logged, and stored only as
//! a hash.

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_model::{Actor, Phi};
use serde::{Deserialize, Serialize};

use crate::{Failure, registry::Registry};

/// A live session: the actor and the 5-minute token for other services.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedIn {
    pub actor: Actor,
    pub organisation: String,
    pub token: Phi<String>,
    /// When the token expires.
    pub until: Timestamp,
    /// The CSRF token of the session. Forms must return it.
    pub form_token: Phi<String>,
}

#[async_trait]
pub trait Identity: Send + Sync {
    /// The session of a cookie, if it is live. `active` counts as activity (15 idle minutes end a session).
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure>;
    async fn end_session(&self, secret: &Phi<String>) -> Result<(), Failure>;
    async fn registry(&self) -> Result<Registry, Failure>;
}
