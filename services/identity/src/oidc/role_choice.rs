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
mod tests {
    use lcr_model::Role;

    use super::*;
    use crate::oidc::{callback::ClaimsOrigin, claims::Candidate};

    fn pending(roles: usize) -> PendingSignIn {
        let candidate = |number: usize| Candidate {
            org: "Y90001".to_owned(),
            role: Role::ChildrensSocialWorker,
            role_id: Some(format!("65600575{number:04}")),
            title: "General Medical Practitioner".to_owned(),
        };
        let user = VerifiedUser {
            issuer: "https://am.nhsidentity.spineservices.nhs.uk:443/openam/oauth2/realms/Healthcare".to_owned(),
            origin: ClaimsOrigin::OwnProvider { version: 1_790_000_000_000_000 },
            subject: "656005750104".to_owned(),
            name: "Dr Aisha Khan".to_owned(),
            user_name: Some("aisha.khan@example.nhs.uk".to_owned()),
            sid: Some("a".repeat(64)),
            auth_time: Some(Timestamp::UNIX_EPOCH),
            candidates: (0..roles).map(candidate).collect(),
            org: Some("Y90001".to_owned()),
            patient: None,
        };
        PendingSignIn { user, return_to: "/home".to_owned() }
    }

    /// S-13: the provider may state very many roles, and the choice must still come back.
    #[test]
    fn a_choice_fits_into_a_cookie_and_names_the_roles_of_the_sign_in() {
        let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
        for (roles, listed) in [(2, 2), (20, 20), (200, MAX_CANDIDATES)] {
            let sealed = seal(&keys, pending(roles), Timestamp::UNIX_EPOCH).unwrap();
            assert!(sealed.len() <= 4_000, "{roles}: {}", sealed.len());
            let opened = open(&keys, &sealed, Timestamp::UNIX_EPOCH).unwrap();
            let choices = choices(&opened.user, |_| Some("Beckside Surgery".to_owned()));
            assert_eq!(choices.len(), listed);
            assert_eq!((choices[1].choice.as_str(), choices[1].organisation.as_str()), ("1", "Beckside Surgery"));
        }
    }
}
