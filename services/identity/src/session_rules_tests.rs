//! What an organisation may not give is never had, and nobody signs in where they may not (X-18, S-13).

#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::Timestamp;
use lcr_model::OdsCode;
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use proptest::prelude::*;

use super::*;
use crate::store::Migrator;

const ISSUER: &str = "https://login.example.nhs.uk";
const OWN: ClaimsOrigin = ClaimsOrigin::OwnProvider { version: 1 };
const STATES: [PartnerState; 7] = PartnerState::ALL;

fn organisation(kind: &str, state: PartnerState) -> Organisation {
    Organisation {
        ods: OdsCode::new("Y90001"),
        name: "Beckside Surgery".into(),
        kind: kind.into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state,
        receives: None,
    }
}

fn check(kind: &str, state: PartnerState, origin: ClaimsOrigin, role: Role) -> Result<(), SignInRefusal> {
    check_role(Some(&organisation(kind, state)), origin, role)
}

/// A provider of a practice that writes `data-steward` into its tokens makes nobody one, and nor does a client's launch.
#[test]
fn an_organisation_gives_only_the_roles_of_its_kind() {
    let live = PartnerState::Live;
    for origin in [OWN, ClaimsOrigin::Client] {
        assert_eq!(check("gp-practice", live, origin, Role::Gp), Ok(()));
        for role in [Role::DataSteward, Role::PlatformAdmin, Role::Commissioner, Role::WardNurse, Role::Patient] {
            assert_eq!(check("gp-practice", live, origin, role), Err(SignInRefusal::NoRole), "{role}");
        }
    }
    assert_eq!(check("record-office", live, OWN, Role::DataSteward), Ok(()), "its own kind has the role");
    assert_eq!(check("record-office", live, OWN, Role::PlatformAdmin), Err(SignInRefusal::NoRole));
    assert_eq!(check("gp-practice", live, ClaimsOrigin::Operators, Role::WardNurse), Ok(()), "the operators vouch");
}

#[test]
fn nobody_signs_in_where_the_organisation_is_suspended_or_has_left_but_its_administrators() {
    for (state, refusal) in
        [(PartnerState::Suspended, SignInRefusal::Suspended), (PartnerState::Left, SignInRefusal::Left)]
    {
        for origin in [OWN, ClaimsOrigin::Client, ClaimsOrigin::Operators] {
            assert_eq!(check("gp-practice", state, origin, Role::Gp), Err(refusal));
            assert_eq!(check("gp-practice", state, origin, Role::PrivacyOfficer), Err(refusal));
            assert_eq!(check("gp-practice", state, origin, Role::OrgAdmin), Ok(()), "who may resume it");
        }
        let platform = check("record-office", state, ClaimsOrigin::Operators, Role::PlatformAdmin);
        assert_eq!(platform, Ok(()), "who may undo a suspension");
    }
}

#[test]
fn only_an_administrator_signs_in_for_an_organisation_that_is_not_registered() {
    assert_eq!(check_role(None, ClaimsOrigin::Operators, Role::OrgAdmin), Ok(()));
    for role in [Role::Gp, Role::PlatformAdmin, Role::DataSteward] {
        assert_eq!(check_role(None, ClaimsOrigin::Operators, role), Err(SignInRefusal::NotRegistered));
    }
}

proptest! {
    /// No state of an organisation lets its own provider or client give a role that the people of its kind do not have.
    #[test]
    fn no_state_widens_what_an_organisation_gives(
        role in proptest::sample::select(Role::ALL.to_vec()),
        state in proptest::sample::select(STATES.to_vec()),
        kind in proptest::sample::select(vec!["gp-practice", "acute", "care-home", "record-office", "authority", "new"]),
        is_client in any::<bool>(),
    ) {
        let origin = if is_client { ClaimsOrigin::Client } else { OWN };
        let organisation = organisation(kind, state);
        if check_role(Some(&organisation), origin, role).is_ok() {
            prop_assert!(people::roles_of(&organisation.kind).contains(&role));
            prop_assert!(role != Role::PlatformAdmin);
        }
    }
}

fn claims(origin: ClaimsOrigin, org: &str) -> IdTokenClaims {
    IdTokenClaims {
        issuer: ISSUER.into(),
        origin,
        subject: "1".into(),
        name: "Sam Reed".into(),
        user_name: None,
        org: org.into(),
        role: Some(Role::OrgAdmin),
        role_id: None,
        sid: None,
        auth_time: None,
        patient: None,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn own(seconds: i64) -> ClaimsOrigin {
    ClaimsOrigin::OwnProvider { version: at(seconds).as_microsecond() }
}

/// A sign-in may begin at a replica that has not heard of the change yet.
#[tokio::test]
async fn a_provider_that_was_changed_or_removed_meanwhile_vouches_for_nobody() {
    let folder = Folder::new("session-rules").unwrap();
    let file = folder.path().join("identity.db");
    let store = Store::open::<Migrator>(&file, "identity", Durability::Acknowledged).await.unwrap();
    let found = store.write(async move |tx| {
        let draft = serde_json::from_value(serde_json::json!({"issuer": ISSUER, "client_id": "lcr"})).unwrap();
        provider::upsert(&tx, &draft, &OdsCode::new("Y90001"), at(0)).await?;
        let mut found = vec![super::check(&tx, &claims(own(0), "Y90001")).await?];
        found.push(super::check(&tx, &claims(own(0), "Y90002")).await?);
        provider::upsert(&tx, &draft, &OdsCode::new("Y90001"), at(1)).await?;
        found.push(super::check(&tx, &claims(own(0), "Y90001")).await?);
        provider::delete(&tx, ISSUER).await?;
        found.push(super::check(&tx, &claims(own(1), "Y90001")).await?);
        found.push(super::check(&tx, &claims(ClaimsOrigin::Operators, "Y90001")).await?);
        Ok(found)
    });
    let changed = Err(SignInRefusal::ProviderChanged);
    assert_eq!(found.await.unwrap(), [Ok(None), changed.clone(), changed.clone(), changed, Ok(None)]);
}
