//! Tests of `domain.rs`.

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn a_session_ends_idle_after_15_minutes_and_at_12_hours() {
    assert!(is_alive(at(0), at(0), at(899)));
    assert!(!is_alive(at(0), at(0), at(900)));
    assert!(!is_alive(at(0), at(43_100), at(43_200)));
}

#[test]
fn an_organisation_gives_roles_of_staff_alone() {
    assert!([Role::Gp, Role::OrgAdmin, Role::PrivacyOfficer].into_iter().all(is_given_by_organisation));
    let others = [Role::PlatformAdmin, Role::Patient, Role::ProxyParent, Role::FeedsClient, Role::FhirClient];
    assert!(!others.into_iter().any(is_given_by_organisation));
}

#[test]
fn only_an_origin_may_frame() {
    for origin in ["https://emis.example.nhs.uk", "https://emis.example.nhs.uk:8443"] {
        assert!(is_frame_origin(origin, false), "{origin}");
    }
    for other in ["*", "https://*.nhs.uk", "https://a.uk/b", "https://a.uk; script-src *", "http://a.uk", "https://"] {
        assert!(!is_frame_origin(other, true), "{other}");
    }
    assert!(is_frame_origin("http://127.0.0.1:*", true) && !is_frame_origin("http://127.0.0.1:*", false));
    assert!(!is_frame_origin("http://localhost.example.org", true));
}

#[test]
fn the_return_path_never_leads_to_another_site() {
    for other in ["//evil.example", "https://evil.example", "/\\evil", "/a?b=c", "/../x", ""] {
        assert_eq!(return_path(Some(other)), "/home", "{other}");
    }
    assert_eq!(return_path(Some("/people/0192-a")), "/people/0192-a");
}
