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
#[path = "disclosure_tests.rs"]
mod tests;
