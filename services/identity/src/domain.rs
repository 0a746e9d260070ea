//! The rules of sessions and roles. Pure: time is passed in.

use jiff::Timestamp;
use lcr_model::{ActorKind, Purpose, Role};

/// Idle this long, a session ends (portal.md, "signed out after 15 minutes").
pub const IDLE_SECONDS: i64 = 15 * 60;
/// A session ends after this long whatever happens.
pub const LONGEST_SECONDS: i64 = 12 * 3600;
/// Activity is written down at most this often.
pub const TOUCH_SECONDS: i64 = 30;

/// Whether a session begun at `started` and last active at `seen` still lives.
pub fn lives(started: Timestamp, seen: Timestamp, now: Timestamp) -> bool {
    now.as_second() - seen.as_second() < IDLE_SECONDS
        && now.as_second() - started.as_second() < LONGEST_SECONDS
}

/// What a role signs in for.
pub fn purpose(role: Role) -> Purpose {
    match role {
        Role::Patient | Role::ProxyParent => Purpose::OwnRecord,
        Role::PrivacyOfficer | Role::CaldicottGuardian => Purpose::Audit,
        Role::DataSteward => Purpose::Stewardship,
        Role::OrgAdmin | Role::PlatformAdmin | Role::Commissioner | Role::PracticeManager => {
            Purpose::Administration
        }
        Role::FeedsClient => Purpose::Feeds,
        _ => Purpose::DirectCare,
    }
}

pub fn kind(role: Role) -> ActorKind {
    match role {
        Role::Patient | Role::ProxyParent => ActorKind::Patient,
        Role::FeedsClient | Role::FhirClient => ActorKind::Client,
        _ => ActorKind::Person,
    }
}

/// Patients belong to no organisation.
pub fn is_patient(role: &str) -> bool {
    matches!(role, "patient" | "proxy-parent")
}

/// A page to return to after signing in: a path of ours without a query, or home.
pub fn return_path(asked: Option<&str>) -> String {
    let safe = |path: &&str| {
        let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.".contains(c));
        path.starts_with('/') && !path.starts_with("//") && plain && !path.contains("..") && path.len() < 200
    };
    asked.filter(safe).unwrap_or("/home").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_session_ends_idle_after_15_minutes_and_at_12_hours() {
        assert!(lives(at(0), at(0), at(899)));
        assert!(!lives(at(0), at(0), at(900)));
        assert!(!lives(at(0), at(43_100), at(43_200)));
    }

    #[test]
    fn nobody_is_sent_to_another_site_after_signing_in() {
        for away in ["//evil.example", "https://evil.example", "/\\evil", "/a?b=c", "/../x", ""] {
            assert_eq!(return_path(Some(away)), "/home", "{away}");
        }
        assert_eq!(return_path(Some("/people/0192-a")), "/people/0192-a");
    }
}
