//! Tests of `role_choice.rs`.

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
