//! The cookie of somebody whom their provider knows and whose role nobody has told us: with it they ask for access. It opens
//! nothing else.

use jiff::Timestamp;
use lcr_contracts::Failure;
use lcr_model::seal::DataKeys;
use serde::{Deserialize, Serialize};

use super::sealed_cookie;

/// How long somebody may take to ask for access.
pub const APPLICANT_SECONDS: i64 = 30 * 60;
/// The associated data of the sealed cookie.
const SEAL_CONTEXT: &str = "applicant";

/// Who asks, as their provider says. `Debug` shows the organisation alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicantIdentity {
    pub issuer: String,
    pub subject: String,
    pub name: String,
    /// The name they sign in with, often an e-mail address.
    #[serde(default)]
    pub user_name: Option<String>,
    pub org: String,
}

impl std::fmt::Debug for ApplicantIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApplicantIdentity({})", self.org)
    }
}

pub fn seal(keys: &DataKeys, applicant: &ApplicantIdentity, now: Timestamp) -> Result<String, Failure> {
    sealed_cookie::seal(keys, SEAL_CONTEXT, applicant, APPLICANT_SECONDS, now)
}

/// The holder of a sealed cookie. `None` if it is not ours or too old.
pub fn open(keys: &DataKeys, sealed: &str, now: Timestamp) -> Option<ApplicantIdentity> {
    sealed_cookie::open(keys, SEAL_CONTEXT, sealed, now)
}
