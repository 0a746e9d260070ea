//! Decides how a look appears in the patient's own log (consent's ACCESS.md, "The patient's own log"): with name, by role,
//! delayed or withheld. A withheld look must leave no gap, number or count.

use jiff::Timestamp;
use lcr_contracts::{
    audit::{AccessEvent, AccessKind, Completion, Entry},
    vocabulary::ReasonCode,
};
use lcr_model::{CareLinkKind, Dataset, OverrideReason, Relationship, Role};

/// An officer's reading of the log, acts on an incident and review of a claim appear after this delay, so that they do not
/// announce an inquiry.
const DELAY_SECONDS: i64 = 28 * 86_400;

/// How an entry appears to the person it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    Shown,
    /// By role without a name, for staff who could be at risk.
    ByRole,
    Withheld,
}

pub fn decide_disclosure(entry: &Entry, now: Timestamp) -> Disclosure {
    let opened = &entry.opened;
    let safeguarding =
        !opened.datasets.is_empty() && opened.datasets.iter().all(|dataset| *dataset == Dataset::Safeguarding);
    let delayed = now.as_second() - opened.at.as_second() < DELAY_SECONDS;
    match (opened.what, opened.actor.role) {
        // Serious harm: the reader may be the subject of an enquiry about a child.
        (_, Role::ChildrensSocialWorker) => Disclosure::Withheld,
        _ if safeguarding || opened.reason.relationship().is_some_and(is_about_serious_harm) => Disclosure::Withheld,
        // A patient's reading of their own log is not a look at the record.
        (AccessKind::AuditLog, Role::Patient | Role::ProxyParent) => Disclosure::Withheld,
        // An officer's queue holds the person, but nothing was done about them.
        _ if opened.reason == ReasonCode::Permitted(AccessKind::Claim) => Disclosure::Withheld,
        (AccessKind::AuditLog | AccessKind::Incident, _) if delayed => Disclosure::Withheld,
        _ if reviewed_claim(entry).is_some() => {
            if delayed {
                Disclosure::Withheld
            } else {
                Disclosure::ByRole
            }
        }
        // This version cannot tell whether staff are at risk in a view of an unknown kind.
        (AccessKind::AuditLog | AccessKind::Incident | AccessKind::Unknown, _) | (_, Role::MentalHealth) => {
            Disclosure::ByRole
        }
        _ => Disclosure::Shown,
    }
}

/// Whether the relationship tells of a risk of serious harm, for any reader.
fn is_about_serious_harm(relationship: &Relationship) -> bool {
    matches!(
        relationship,
        Relationship::CareLink { kind: CareLinkKind::SafeguardingEnquiry, .. }
            | Relationship::Override { reason: OverrideReason::SeriousHarm }
    )
}

/// The relationship of the claim that the entry reviews.
pub fn reviewed_claim(entry: &Entry) -> Option<&Relationship> {
    match &entry.opened.reason {
        ReasonCode::ClaimJustified(claimed) | ReasonCode::ClaimNotJustified(claimed) => Some(claimed),
        _ => None,
    }
}

/// Whether a review of this claim may appear: `earlier`, the entries about claims on the person before the review, must have
/// the claim. If several of them may be it, none of these may be withheld.
pub fn may_show_review(claimed: &Relationship, earlier: &[Entry], now: Timestamp) -> bool {
    let is_it = |entry: &&Entry| matches!(&entry.opened.reason, ReasonCode::ClaimMade(made) if made == claimed);
    let mut claims = earlier.iter().filter(is_it).peekable();
    claims.peek().is_some() && claims.all(|claim| decide_disclosure(claim, now) != Disclosure::Withheld)
}

/// The look as the person reads it. `None` if it is withheld.
pub fn to_access_event(entry: &Entry, now: Timestamp) -> Option<AccessEvent> {
    let opened = &entry.opened;
    let who = match decide_disclosure(entry, now) {
        Disclosure::Withheld => return None,
        Disclosure::ByRole => String::new(),
        Disclosure::Shown => opened.actor.name.clone(),
    };
    let datasets = match &entry.completion {
        Completion::Shown { shown, .. } => {
            let given = shown.iter().filter(|one| one.count > 0).map(|one| one.dataset);
            given.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
        }
        Completion::PresumedShown => opened.datasets.clone(),
        Completion::NothingShown => vec![],
    };
    Some(AccessEvent {
        entry: opened.id,
        at: opened.at,
        who,
        role: opened.actor.role,
        kind: opened.actor.kind,
        org: opened.actor.org.clone(),
        what: opened.what,
        outcome: opened.outcome,
        reason: opened.reason.clone(),
        datasets,
        presumed: entry.completion == Completion::PresumedShown,
        receipt: entry.receipt.clone(),
    })
}

#[cfg(test)]
mod tests {
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
}
