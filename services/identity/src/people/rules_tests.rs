use lcr_model::OdsCode;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn organisation(kind: OrganisationKind, state: PartnerState) -> Organisation {
    Organisation {
        ods: OdsCode::new("Y90001"),
        name: "Headingley Surgery".into(),
        kind,
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state,
        receives: None,
    }
}

///
#[test]
fn a_request_is_decided_within_one_working_day() {
    for (asked, due) in [
        // A Wednesday.
        ("2026-11-25T15:00:00Z", "2026-11-26T15:00:00Z"),
        // A Friday is followed by Monday.
        ("2026-11-27T15:00:00Z", "2026-11-30T15:00:00Z"),
        // At a weekend, Monday is the working day.
        ("2026-11-28T10:00:00Z", "2026-12-01T00:00:00Z"),
        ("2026-11-29T23:59:00Z", "2026-12-01T00:00:00Z"),
        // The clocks go forward on Sunday: the same time of day, one hour earlier in UTC.
        ("2026-03-27T15:00:00Z", "2026-03-30T14:00:00Z"),
    ] {
        assert_eq!(decide_by(at(asked)), at(due), "{asked}");
    }
}

#[test]
fn no_organisation_gives_a_role_of_the_platform() {
    for kind in [OrganisationKind::GpPractice, OrganisationKind::RecordOffice, OrganisationKind::Other("new".into())] {
        let roles = roles_of(&kind);
        assert!(roles.contains(&Role::OrgAdmin));
        for never in [Role::PlatformAdmin, Role::Patient, Role::ProxyParent, Role::FhirClient, Role::FeedsClient] {
            assert!(!roles.contains(&never), "{never}");
            assert!(check_roles(&kind, &BTreeSet::from([never])).is_err());
        }
    }
}

#[test]
fn a_request_is_checked_before_anybody_reads_it() {
    let failed = |organisation: &Organisation, role, name: &str| {
        check_request(organisation, role, name).into_iter().filter(|check| !check.passed).count()
    };
    let practice = organisation(OrganisationKind::GpPractice, PartnerState::Live);
    assert_eq!(failed(&practice, Role::Receptionist, "Sam Reed"), 0);
    assert_eq!(failed(&practice, Role::Paramedic, "Sam Reed"), 1);
    assert_eq!(failed(&practice, Role::Paramedic, " "), 2);
    let suspended = organisation(OrganisationKind::GpPractice, PartnerState::Suspended);
    assert_eq!(failed(&suspended, Role::Receptionist, "Sam Reed"), 1);
}

#[test]
fn those_who_sign_ask_for_access_before_their_organisation_is_live_and_clinicians_after() {
    let passes = |state: PartnerState, role: Role| {
        let organisation =
            Organisation { agreement_signed: false, ..organisation(OrganisationKind::GpPractice, state) };
        check_request(&organisation, role, "Sam Reed").iter().all(|check| check.passed)
    };
    let before =
        [PartnerState::Draft, PartnerState::Agreed, PartnerState::Connecting, PartnerState::Conformant].into_iter();
    for state in before {
        for role in [Role::CaldicottGuardian, Role::PrivacyOfficer, Role::PracticeManager, Role::OrgAdmin] {
            assert!(passes(state, role), "{state} {role}");
        }
        assert!(!passes(state, Role::Gp), "{state}");
    }
    for state in [PartnerState::Suspended, PartnerState::Left] {
        assert!(!passes(state, Role::CaldicottGuardian), "{state}");
    }
}

#[test]
fn names_are_of_one_line_and_not_endless() {
    assert_eq!(check_user_name(" sam@example.org ").unwrap(), "sam@example.org");
    for wrong in ["", "  ", "a\nb", &"x".repeat(321)] {
        assert!(check_user_name(wrong).is_err());
    }
    assert!(check_name("a\u{7}b").is_err() && check_name(&"x".repeat(201)).is_err());
}
