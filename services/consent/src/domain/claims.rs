//! Claims: who may make one, how long it lasts, and when it counts. Pure. What a claim opens must be decided by policy, not
//! here.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    claims::{ClaimOutcome, ClaimReview, MAX_CLAIM_TEXT, NewClaim, NewOverride},
    vocabulary::OrganisationKind,
};
use lcr_model::{Actor, ClaimReason, OverrideReason, Permission, Relationship, Role};

use super::choices::clean_reason;

/// A claim for one day of care. Who cares for longer has a recorded link.
const CLAIM_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// Long enough for one emergency.
const OVERRIDE_LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// An override needs a sign-in at most this long ago, so that a screen left open is not enough.
const MAX_SIGN_IN_AGE: SignedDuration = SignedDuration::from_mins(5);
/// The time in which a user's claims are counted, and in which a review bars another claim about the same person.
pub const CLAIM_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// More in a day than one person's work explains. Refused attempts count.
const MAX_CLAIMS: u64 = 10;
/// A clinic that opens everybody from its own system stays below it.
const MAX_LAUNCHES: u64 = 200;
/// The shortest text of an override.
const MIN_OVERRIDE_TEXT: usize = 10;
/// The shortest text of a review.
const MIN_REVIEW_TEXT: usize = 3;
/// An organisation whose officers have not read their queue for this long has no officer for its claims.
pub const OFFICER_ABSENCE: SignedDuration = SignedDuration::from_hours(28 * 24);

lcr_model::open_names! {
    /// The kind of a claim. One of another version never counts.
    ClaimKind {
        SelfClaim "self-claim", Launch "launch", Override "override",
        /// A launch of a person whom no system of the organisation is known to hold. It counts as a claim.
        UnconfirmedLaunch "unheld-launch",
    }
}

/// What an officer reviews as a claim. An override is reviewed apart.
pub static CLAIM_KINDS: [ClaimKind; 2] = [ClaimKind::SelfClaim, ClaimKind::UnconfirmedLaunch];
/// All that an officer reviews.
pub static REVIEWED_KINDS: [ClaimKind; 3] = [ClaimKind::SelfClaim, ClaimKind::UnconfirmedLaunch, ClaimKind::Override];

impl ClaimKind {
    /// The kinds that count together, and the most of them that a user makes in [`CLAIM_WINDOW`].
    pub fn limit(&self) -> (Vec<Self>, u64) {
        match self {
            Self::Launch | Self::UnconfirmedLaunch => (vec![Self::Launch, Self::UnconfirmedLaunch], MAX_LAUNCHES),
            _ => (vec![self.clone()], MAX_CLAIMS),
        }
    }

    /// The kinds whose review as not justified bars one of this kind. An emergency is barred by an override alone.
    pub fn barred_by(&self) -> &[Self] {
        match self {
            Self::SelfClaim | Self::UnconfirmedLaunch => &REVIEWED_KINDS,
            Self::Override => std::slice::from_ref(self),
            Self::Launch | Self::Other(_) => &[],
        }
    }

    pub fn lifetime(&self) -> SignedDuration {
        match self {
            Self::SelfClaim | Self::Launch | Self::UnconfirmedLaunch => CLAIM_LIFETIME,
            Self::Override => OVERRIDE_LIFETIME,
            Self::Other(_) => SignedDuration::ZERO,
        }
    }

    /// The relationship that it makes. `organisation` is the name of the claimant's.
    pub fn relationship(&self, reason: Option<&str>, organisation: String) -> Option<Relationship> {
        match self {
            Self::SelfClaim => Some(Relationship::SelfClaimed { reason: ClaimReason::from(reason?) }),
            Self::Launch | Self::UnconfirmedLaunch => Some(Relationship::Launched { organisation }),
            Self::Override => Some(Relationship::Override { reason: OverrideReason::from(reason?) }),
            Self::Other(_) => None,
        }
    }
}

/// When a claim counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub made_at: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    pub outcome: Option<ClaimOutcome>,
}

impl Validity {
    pub fn counts_at(self, now: Timestamp) -> bool {
        self.made_at <= now && now < self.until && self.outcome != Some(ClaimOutcome::NotJustified)
    }
}

/// Why a claim or review is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    #[error("Choose one of the reasons, and whether the person gave permission.")]
    UnknownReason,
    #[error("The text may have at most 500 characters.")]
    TextTooLong,
    #[error("Describe the emergency in 10 to 500 characters.")]
    EmergencyNotDescribed,
    #[error("Say in 3 to 500 characters what you found.")]
    ReviewWithoutText,
    #[error("Sign in again first.")]
    SignInTooOld,
    #[error("Your role does not say that it is involved in this way.")]
    RoleMayNotClaim,
    #[error("Nobody may override a refusal here, or not in your role.")]
    RoleMayNotOverride,
    #[error("You can open this record already.")]
    AlreadyOpen,
    #[error("You have said that you are involved too often today. Ask your privacy officer.")]
    TooMany,
    #[error("You have opened too many people from your own system today. Ask your privacy officer.")]
    TooManyLaunches,
    #[error("Your privacy officer found that you were not involved with this person. Ask them.")]
    FoundNotJustified,
    #[error("Claims are reviewed by privacy officers and the Caldicott guardian of the claimant's organisation.")]
    NotOfficer,
    #[error("Somebody else reviews what you claimed.")]
    OwnClaim,
    #[error("This claim was reviewed already.")]
    AlreadyReviewed,
}

/// The user's words of a claim without invisible characters. They are optional.
pub fn check_claim(new: &NewClaim) -> Result<Option<String>, ClaimError> {
    let unknown = matches!(new.reason, ClaimReason::Other(_)) || matches!(new.permission, Permission::Other(_));
    let text = new.text.as_deref().and_then(clean_reason);
    match text {
        _ if unknown => Err(ClaimError::UnknownReason),
        Some(text) if length(&text) > MAX_CLAIM_TEXT => Err(ClaimError::TextTooLong),
        text => Ok(text),
    }
}

/// The user's words of an override.
pub fn check_override(new: &NewOverride) -> Result<String, ClaimError> {
    if matches!(new.reason, OverrideReason::Other(_)) {
        return Err(ClaimError::UnknownReason);
    }
    let text = clean_reason(&new.text).ok_or(ClaimError::EmergencyNotDescribed)?;
    let fits = (MIN_OVERRIDE_TEXT..=MAX_CLAIM_TEXT).contains(&length(&text));
    fits.then_some(text).ok_or(ClaimError::EmergencyNotDescribed)
}

/// The officer's words of a review.
pub fn check_review(review: &ClaimReview) -> Result<String, ClaimError> {
    let text = clean_reason(&review.text).ok_or(ClaimError::ReviewWithoutText)?;
    let fits = (MIN_REVIEW_TEXT..=MAX_CLAIM_TEXT).contains(&length(&text));
    fits.then_some(text).ok_or(ClaimError::ReviewWithoutText)
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Checks that the user signed in just now. An unknown time is too long ago.
pub fn check_sign_in(signed_in_at: Option<Timestamp>, now: Timestamp) -> Result<(), ClaimError> {
    let is_recent = signed_in_at.is_some_and(|at| at <= now && now.duration_since(at) <= MAX_SIGN_IN_AGE);
    is_recent.then_some(()).ok_or(ClaimError::SignInTooOld)
}

/// Whether the role reviews claims.
pub fn reviews_claims(role: Role) -> bool {
    matches!(role, Role::PrivacyOfficer | Role::CaldicottGuardian)
}

/// Whether officers of an organisation of this kind review the claims that no other officer reviews.
pub fn reviews_for_others(kind: Option<&OrganisationKind>) -> bool {
    kind == Some(&OrganisationKind::RecordOffice)
}

/// The claimant as an officer reads it: "Tom Ibbotson, community nurse, Beckside Neighbourhood Team".
pub fn claimant_words(actor: &Actor, organisation: &str) -> String {
    format!("{}, {}, {organisation}", actor.name, actor.role.words())
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
