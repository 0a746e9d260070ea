//! Identity: sessions, launches from partners' systems, and the registry. A session's secret is the cookie's value: it must
//! never be logged, and stored only as a hash.

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use lcr_model::{Actor, NhsNumber, Phi, Role, SourceIdentity};
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
    /// When the user last proved to their provider who they are. `None` for a launch, whose user we did not see sign in, and
    /// for a session of the version before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_in_at: Option<Timestamp>,
    /// The origins whose pages may frame this session. Empty for a session that is not framed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frame_ancestors: Vec<String>,
}

/// A verified launch, until the browser follows the redirect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LaunchTicket {
    /// The value of the launch cookie: sealed, for at most a minute.
    pub sealed: Phi<String>,
    /// Whether the launch asked for a framed session.
    pub framed: bool,
}

/// The patient whom a partner's system has open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaunchPatient {
    /// As a signed launch names them.
    Number { nhs_number: Phi<NhsNumber>, birth_date: Phi<Date> },
    /// As a SMART launch names them: by the source and its local id.
    Record(SourceIdentity),
}

/// The session that a launch began, and the patient to open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Launch {
    pub signed_in: SignedIn,
    /// The secret of the session's cookie.
    pub secret: Phi<String>,
    pub patient: LaunchPatient,
}

/// A role that a user with several may sign in as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChoice {
    /// What the form sends back.
    pub choice: String,
    pub role: Role,
    /// The name of the organisation, or its code.
    pub organisation: String,
    /// The provider's own name of the role. It may be empty.
    pub title: String,
}

/// The roles that a verified user may choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChoices {
    /// The form must return it.
    pub form_token: Phi<String>,
    pub choices: Vec<RoleChoice>,
}

#[async_trait]
pub trait Identity: Send + Sync {
    /// The session of a cookie, if it is live. `active` counts as activity (15 idle minutes end a session).
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure>;
    async fn end_session(&self, secret: &Phi<String>) -> Result<(), Failure>;
    async fn registry(&self) -> Result<Registry, Failure>;
    /// Verifies a partner's signed launch token, accepts it once, and begins the user's session.
    async fn launch(&self, token: &Phi<String>) -> Result<LaunchTicket, Failure> {
        let _ = token;
        Err(Failure::not_found())
    }
    /// The roles of a sign-in that waits for its user's choice. `None` if the cookie is not ours or too old.
    async fn role_choices(&self, sealed: &Phi<String>) -> Result<Option<RoleChoices>, Failure> {
        let _ = sealed;
        Err(Failure::not_found())
    }
    /// The launch of a ticket. `None` if the ticket is not ours, is too old, or its session has ended.
    async fn open_launch(&self, ticket: &Phi<String>) -> Result<Option<Launch>, Failure> {
        let _ = ticket;
        Err(Failure::not_found())
    }
}
