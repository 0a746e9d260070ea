//! The rules of sessions and roles. Pure: time is a parameter.

use jiff::Timestamp;
use lcr_model::{ActorKind, Purpose, Role};

/// A session ends after this long without activity.
pub const IDLE_SECONDS: i64 = 15 * 60;
/// A session ends after this long in any case.
pub const MAX_SESSION_SECONDS: i64 = 12 * 3600;
/// Activity is stored at most this often.
pub const ACTIVITY_INTERVAL_SECONDS: i64 = 30;

/// Whether a session that began at `started` and was last active at `seen` has not ended.
pub fn is_alive(started: Timestamp, seen: Timestamp, now: Timestamp) -> bool {
    now.as_second() - seen.as_second() < IDLE_SECONDS && now.as_second() - started.as_second() < MAX_SESSION_SECONDS
}

/// The purpose for which a role signs in.
pub fn purpose_of(role: Role) -> Purpose {
    match role {
        Role::Patient | Role::ProxyParent => Purpose::OwnRecord,
        Role::PrivacyOfficer | Role::CaldicottGuardian => Purpose::Audit,
        Role::DataSteward => Purpose::Stewardship,
        Role::OrgAdmin | Role::PlatformAdmin | Role::Commissioner | Role::PracticeManager => Purpose::Administration,
        Role::FeedsClient => Purpose::Feeds,
        _ => Purpose::DirectCare,
    }
}

pub fn actor_kind(role: Role) -> ActorKind {
    match role {
        Role::Patient | Role::ProxyParent => ActorKind::Patient,
        Role::FeedsClient | Role::FhirClient => ActorKind::Client,
        _ => ActorKind::Person,
    }
}

/// Patients belong to no organisation.
pub fn is_patient(role: Role) -> bool {
    matches!(role, Role::Patient | Role::ProxyParent)
}

/// Whether an organisation may give the role to its own people, by its own provider or its directory: staff alone, and never
/// the platform's administrators.
pub fn is_given_by_organisation(role: Role) -> bool {
    actor_kind(role) == ActorKind::Person && role != Role::PlatformAdmin
}

/// Whether a partner's system may vouch for a user of this role: only staff who give care.
pub fn may_be_launched(role: Role) -> bool {
    let gives_care = actor_kind(role) == ActorKind::Person && purpose_of(role) == Purpose::DirectCare;
    gives_care && role != Role::Receptionist
}

/// Whether the text is an origin whose pages may frame ours. In a demonstration also this machine, at any port.
pub fn is_frame_origin(text: &str, demo: bool) -> bool {
    let is_host = |host: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:".contains(&b);
        !host.is_empty() && host.bytes().all(plain)
    };
    let is_port = |rest: &str| {
        let port = rest.strip_prefix(':');
        rest.is_empty() || port.is_some_and(|port| port == "*" || port.parse::<u16>().is_ok())
    };
    let is_local =
        |rest: &str| ["localhost", "127.0.0.1"].iter().any(|host| rest.strip_prefix(host).is_some_and(is_port));
    text.strip_prefix("https://").is_some_and(is_host) || (demo && text.strip_prefix("http://").is_some_and(is_local))
}

/// The page to return to after signing in: a path of this site without a query, or the home page.
pub fn return_path(requested: Option<&str>) -> String {
    let safe = |path: &&str| {
        let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.".contains(c));
        path.starts_with('/') && !path.starts_with("//") && plain && !path.contains("..") && path.len() < 200
    };
    requested.filter(safe).unwrap_or("/home").to_owned()
}

#[cfg(test)]
#[path = "domain_tests.rs"]
mod tests;
