//! The choice between the roles that a provider states for one user. The verified sign-in waits in a sealed cookie; only one of
//! its own roles can be chosen.

use jiff::Timestamp;
use lcr_contracts::{Failure, identity::RoleChoice};
use lcr_model::{OdsCode, seal::DataKeys};
use serde::{Deserialize, Serialize};

use super::{callback::VerifiedUser, sealed_cookie};

/// How long somebody may take to choose.
pub const CHOICE_SECONDS: i64 = 5 * 60;
/// Browsers drop a cookie of more than 4,096 bytes. A longer choice goes without the provider's names of the roles.
const MAX_SEALED: usize = 3_800;
/// As many roles as fit without their names.
const MAX_CANDIDATES: usize = 25;
/// The associated data of the sealed cookie.
const SEAL_CONTEXT: &str = "role-choice";

/// A verified sign-in until its role is chosen.
#[derive(Serialize, Deserialize)]
pub struct PendingSignIn {
    pub user: VerifiedUser,
    pub return_to: String,
}

pub fn seal(keys: &DataKeys, mut pending: PendingSignIn, now: Timestamp) -> Result<String, Failure> {
    let sealed = sealed_cookie::seal(keys, SEAL_CONTEXT, &pending, CHOICE_SECONDS, now)?;
    if sealed.len() <= MAX_SEALED {
        return Ok(sealed);
    }
    pending.user.candidates.iter_mut().for_each(|candidate| candidate.title.clear());
    pending.user.candidates.truncate(MAX_CANDIDATES);
    sealed_cookie::seal(keys, SEAL_CONTEXT, &pending, CHOICE_SECONDS, now)
}

/// The sign-in of a sealed cookie. `None` if it is not ours or too old.
pub fn open(keys: &DataKeys, sealed: &str, now: Timestamp) -> Option<PendingSignIn> {
    sealed_cookie::open(keys, SEAL_CONTEXT, sealed, now)
}

/// The choices as the page lists them, in the order of the candidates. `name_of` names an organisation.
pub fn choices(user: &VerifiedUser, name_of: impl Fn(&OdsCode) -> Option<String>) -> Vec<RoleChoice> {
    let to_choice = |(number, candidate): (usize, &super::claims::Candidate)| {
        let org = OdsCode::new(candidate.org.clone());
        RoleChoice {
            choice: number.to_string(),
            role: candidate.role,
            organisation: name_of(&org).unwrap_or(org.0),
            title: candidate.title.clone(),
        }
    };
    user.candidates.iter().enumerate().map(to_choice).collect()
}

#[cfg(test)]
#[path = "role_choice_tests.rs"]
mod tests;
