//! What an ID token says of a user, as it was verified. It never says more than the provider did.

use jiff::Timestamp;
use lcr_model::Role;
use serde::{Deserialize, Serialize};

use crate::oidc::claims::{Candidate, VerifiedPatient};

/// Who vouches for a user, which decides the roles that they may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimsOrigin {
    /// A provider that the platform's operators keep.
    Operators,
    /// An organisation's own provider, by the version of its row whose rules were used.
    OwnProvider { version: i64 },
    /// A client of an organisation, for a launch.
    Client,
}

/// A user whom their provider has verified, and what they may sign in as.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VerifiedUser {
    pub issuer: String,
    pub origin: ClaimsOrigin,
    pub subject: String,
    pub name: String,
    /// The name they sign in with, often an e-mail address.
    pub user_name: Option<String>,
    pub sid: Option<String>,
    /// When the user proved to the provider who they are. `None` if the token does not say.
    pub auth_time: Option<Timestamp>,
    pub candidates: Vec<Candidate>,
    /// Their organisation, if the provider may vouch for it. Also known for a user without a known role.
    pub org: Option<String>,
    /// Only for a patient whose identity the provider has verified.
    #[serde(skip)]
    pub patient: Option<VerifiedPatient>,
}

impl VerifiedUser {
    /// The user in one of their roles.
    pub fn in_role(self, candidate: Candidate) -> IdTokenClaims {
        let Candidate { org, role, role_id, .. } = candidate;
        IdTokenClaims { org, role: Some(role), role_id, ..self.without_role(String::new()) }
    }

    /// The user in their role, if they have exactly one.
    pub fn in_only_role(mut self) -> Option<IdTokenClaims> {
        let candidate = self.candidates.pop()?;
        self.candidates.is_empty().then(|| self.in_role(candidate))
    }

    /// The user at their organisation, whose directory may know their role.
    pub fn without_role(self, org: String) -> IdTokenClaims {
        let Self { issuer, origin, subject, name, user_name, sid, auth_time, patient, .. } = self;
        let (role, role_id) = (None, None);
        IdTokenClaims { issuer, origin, subject, name, user_name, org, role, role_id, sid, auth_time, patient }
    }
}

/// Who signs in, and as what.
#[derive(Debug, Clone)]
pub struct IdTokenClaims {
    pub issuer: String,
    pub origin: ClaimsOrigin,
    pub subject: String,
    pub name: String,
    pub user_name: Option<String>,
    pub org: String,
    /// `None` if the provider does not say: the organisation's directory may.
    pub role: Option<Role>,
    /// The provider's own id of the role.
    pub role_id: Option<String>,
    pub sid: Option<String>,
    /// When the user proved to the provider who they are. `None` if the token does not say.
    pub auth_time: Option<Timestamp>,
    /// Only for a patient whose identity the provider has verified.
    pub patient: Option<VerifiedPatient>,
}
