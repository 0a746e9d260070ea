//! What consent offers a reader who is refused, as the page shows it: what would make a link, and the forms. It must add
//! nothing to the offer.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::claims::ClaimOffer;
use lcr_model::{ClaimReason, RelationshipKind, Role};

use crate::{
    claims::form::{ClaimInput, OverrideInput},
    layout::{
        format::capitalise,
        link_words::{Voice, claim_reason_words, link_words, override_reason_words, permission_words},
    },
};

/// An override needs a sign-in at most this old. Consent checks it too.
const MAX_SIGN_IN_AGE: SignedDuration = SignedDuration::from_mins(5);

/// One of the choices of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Radio {
    pub value: String,
    pub words: String,
    pub checked: bool,
}

/// The form of a claim.
pub(crate) struct ClaimForm {
    pub reasons: Vec<Radio>,
    pub permissions: Vec<Radio>,
    pub text: String,
}

/// The form of an override.
pub(crate) struct OverrideForm {
    pub reasons: Vec<Radio>,
    pub text: String,
    /// Whether the reader must sign in again before they can use it.
    pub sign_in_first: bool,
}

/// What would open the record to the reader. What the reader can do here is not among it.
pub(crate) fn would_open(offer: &ClaimOffer, role: Role) -> Vec<String> {
    let is_here = |kind: &RelationshipKind| {
        matches!(kind, RelationshipKind::SelfClaimed | RelationshipKind::EmergencyOverride | RelationshipKind::None)
    };
    let recorded = offer.would_open.iter().filter(|kind| !is_here(kind));
    recorded.map(|kind| link_words(*kind, role, "your")).collect()
}

/// The form, filled as it was sent. `None` if no claim is offered.
pub(crate) fn claim_form(offer: &ClaimOffer, input: &ClaimInput) -> Option<ClaimForm> {
    if offer.claim_with.is_empty() {
        return None;
    }
    let reason = |reason: ClaimReason| Radio {
        value: reason.as_str().to_owned(),
        words: capitalise(&claim_reason_words(&reason, Voice::Reader)),
        checked: reason.as_str() == input.reason,
    };
    let permissions = offer.claim_with.iter().map(|permission| Radio {
        value: permission.as_str().to_owned(),
        words: permission_words(permission).to_owned(),
        checked: permission.as_str() == input.permission,
    });
    Some(ClaimForm {
        reasons: ClaimReason::OFFERED.map(reason).into(),
        permissions: permissions.collect(),
        text: input.text.clone(),
    })
}

/// The form, filled as it was sent. `None` if no override is offered.
pub(crate) fn override_form(
    offer: &ClaimOffer,
    input: &OverrideInput,
    signed_in_at: Option<Timestamp>,
    now: Timestamp,
) -> Option<OverrideForm> {
    if offer.override_for.is_empty() {
        return None;
    }
    let reasons = offer.override_for.iter().map(|reason| Radio {
        value: reason.as_str().to_owned(),
        words: capitalise(&override_reason_words(reason, Voice::Reader)),
        checked: reason.as_str() == input.reason,
    });
    let is_fresh = signed_in_at.is_some_and(|at| now.duration_since(at) <= MAX_SIGN_IN_AGE);
    Some(OverrideForm { reasons: reasons.collect(), text: input.text.clone(), sign_in_first: !is_fresh })
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
