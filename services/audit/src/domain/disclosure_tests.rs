//! Tests of `disclosure.rs`.

use lcr_contracts::audit::{OpenEntry, Outcome};
use lcr_model::*;
use uuid::Uuid;

use super::*;

fn entry(role: Role, what: AccessKind, datasets: Vec<Dataset>) -> Entry {
    let actor = Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Dr Aisha Khan".into(),
        org: OdsCode::new("Y90001"),
        role,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    let opened = OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at: "2026-11-01T00:00:00Z".parse().unwrap(),
        actor,
        audience: ServiceName::RecordAggregation,
        what,
        outcome: Outcome::Allowed,
        reason: "registered at Beckside Surgery".to_owned().into(),
        people: vec![PersonId::new()],
        datasets,
        policy_version: String::new(),
        choice: None,
        concerned: std::collections::BTreeMap::new(),
    };
    Entry { opened, completion: Completion::PresumedShown, receipt: None }
}

fn disclosure_at(entry: &Entry, now: &str) -> Disclosure {
    decide_disclosure(entry, now.parse().unwrap())
}

#[test]
fn a_look_by_the_practice_is_shown_with_name_and_reason() {
    let seen = entry(Role::Gp, AccessKind::Record, vec![Dataset::Medications]);
    let event = to_access_event(&seen, "2026-11-22T00:00:00Z".parse().unwrap()).unwrap();
    assert_eq!((event.who.as_str(), event.presumed), ("Dr Aisha Khan", true));
    assert_eq!(event.datasets, [Dataset::Medications]);
}

fn claim(role: Role, reason: ReasonCode) -> Entry {
    let mut claim = entry(role, AccessKind::Claim, vec![]);
    claim.opened.reason = reason;
    claim
}

fn serious_harm() -> [Relationship; 2] {
    [
        Relationship::CareLink {
            kind: CareLinkKind::SafeguardingEnquiry,
            organisation: "Adult Social Care".to_owned(),
        },
        Relationship::Override { reason: OverrideReason::SeriousHarm },
    ]
}

#[test]
fn a_look_by_a_relationship_that_tells_of_serious_harm_never_appears() {
    for relationship in serious_harm() {
        let mut look = entry(Role::SocialWorker, AccessKind::Record, vec![Dataset::Medications]);
        look.opened.reason = ReasonCode::Relationship(relationship.clone());
        let mut listed = entry(Role::SocialWorker, AccessKind::CareList, vec![Dataset::Demographics]);
        listed.opened.reason = ReasonCode::Relationship(relationship.clone());
        let made = claim(Role::SocialWorker, ReasonCode::ClaimMade(relationship.clone()));
        let reviewed = claim(Role::PrivacyOfficer, ReasonCode::ClaimJustified(relationship.clone()));
        let refused = claim(Role::SocialWorker, ReasonCode::ClaimRefused(relationship.clone()));
        let ended = claim(Role::SocialWorker, ReasonCode::ClaimEnded(relationship.clone()));
        let choices = claim(Role::SocialWorker, ReasonCode::ChoicesRead(relationship));
        for withheld in [look, listed, made, reviewed, refused, ended, choices] {
            assert_eq!(to_access_event(&withheld, "2030-01-01T00:00:00Z".parse().unwrap()), None);
        }
    }
    let caseload =
        Relationship::CareLink { kind: CareLinkKind::Caseload, organisation: "Adult Social Care".to_owned() };
    let mut look = entry(Role::SocialWorker, AccessKind::Record, vec![Dataset::Medications]);
    look.opened.reason = ReasonCode::Relationship(caseload);
    assert_eq!(disclosure_at(&look, "2026-11-01T00:00:00Z"), Disclosure::Shown);
}

#[test]
fn an_officers_queue_never_appears_and_a_review_by_role_after_the_delay() {
    let queue = claim(Role::PrivacyOfficer, ReasonCode::Permitted(AccessKind::Claim));
    assert_eq!(disclosure_at(&queue, "2030-01-01T00:00:00Z"), Disclosure::Withheld);
    let claimed = Relationship::SelfClaimed { reason: ClaimReason::Covering };
    for reason in [ReasonCode::ClaimJustified(claimed.clone()), ReasonCode::ClaimNotJustified(claimed.clone())] {
        let review = claim(Role::CaldicottGuardian, reason);
        assert_eq!(disclosure_at(&review, "2026-11-28T23:59:59Z"), Disclosure::Withheld);
        assert_eq!(disclosure_at(&review, "2026-11-29T00:00:00Z"), Disclosure::ByRole);
    }
    let made = claim(Role::CommunityNurse, ReasonCode::ClaimMade(claimed));
    assert_eq!(disclosure_at(&made, "2026-11-01T00:00:00Z"), Disclosure::Shown);
}

#[test]
fn a_review_appears_only_if_the_claim_does() {
    let now = "2030-01-01T00:00:00Z".parse().unwrap();
    let claimed = Relationship::SelfClaimed { reason: ClaimReason::Covering };
    let other = Relationship::SelfClaimed { reason: ClaimReason::PersonIsHere };
    let made = |role, relationship: &Relationship| claim(role, ReasonCode::ClaimMade(relationship.clone()));
    let nurse = made(Role::CommunityNurse, &claimed);
    let of_child = made(Role::ChildrensSocialWorker, &claimed);
    let unrelated = made(Role::ChildrensSocialWorker, &other);
    assert!(may_show_review(&claimed, &[unrelated, nurse.clone()], now));
    assert!(!may_show_review(&claimed, &[of_child, nurse], now), "it may be the withheld one");
    assert!(!may_show_review(&claimed, &[], now), "the claim is not in the log");
}

#[test]
fn a_view_of_an_unknown_kind_is_shown_by_role() {
    let later = entry(Role::Gp, AccessKind::Unknown, vec![Dataset::Medications]);
    assert_eq!(disclosure_at(&later, "2026-11-29T00:00:00Z"), Disclosure::ByRole);
}

#[test]
fn an_enquiry_is_shown_by_role_after_the_delay_and_safeguarding_never() {
    for kind in [AccessKind::AuditLog, AccessKind::Incident] {
        let enquiry = entry(Role::PrivacyOfficer, kind, vec![]);
        assert_eq!(disclosure_at(&enquiry, "2026-11-28T00:00:00Z"), Disclosure::Withheld);
        assert_eq!(disclosure_at(&enquiry, "2026-11-29T00:00:00Z"), Disclosure::ByRole);
    }
    let child = entry(Role::ChildrensSocialWorker, AccessKind::Record, vec![]);
    let safeguarding = entry(Role::Gp, AccessKind::Record, vec![Dataset::Safeguarding]);
    for withheld in [child, safeguarding] {
        assert_eq!(disclosure_at(&withheld, "2030-01-01T00:00:00Z"), Disclosure::Withheld);
        assert_eq!(to_access_event(&withheld, "2030-01-01T00:00:00Z".parse().unwrap()), None);
    }
}
