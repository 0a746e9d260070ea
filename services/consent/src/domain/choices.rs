//! The states of an objection: applied or requested, reviewed, withdrawn. Pure. Policies decide who may change them.

use lcr_contracts::{
    choices::{ChoiceStatus, Direction, NewChoice},
    vocabulary::SystemKind,
};
use lcr_model::{OdsCode, Role};

/// The longest reason, in characters.
pub const MAX_REASON_LENGTH: usize = 500;

/// An objection in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub direction: Direction,
    pub organisation: Option<OdsCode>,
}

/// Why a choice is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    #[error("Name the organisation, or leave it and the direction out to object to all sharing.")]
    OrganisationMissing,
    #[error("An objection to all sharing names no organisation.")]
    OrganisationNotWanted,
    #[error("That organisation is not part of the Leeds Care Record.")]
    OrganisationUnknown,
    #[error("The reason may have at most 500 characters.")]
    ReasonTooLong,
    #[error("This choice was already withdrawn or refused.")]
    AlreadyClosed,
    #[error("A review gives its reasons in words.")]
    ReviewWithoutReason,
    #[error("Only the person, or the member of staff who recorded the objection, can withdraw it.")]
    NotPermitted,
    #[error("Give the reason why the objection is withdrawn for the person. They can read it.")]
    WithdrawnWithoutReason,
}

/// The reason without invisible characters and text-direction marks. `None` if nothing readable remains.
pub fn clean_reason(text: &str) -> Option<String> {
    let is_shown = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || is_invisible(*c));
    let text: String = text.chars().filter(is_shown).collect();
    let text = text.trim();
    text.contains(char::is_alphanumeric).then(|| text.to_owned())
}

/// Unicode format characters (general category Cf) of running text, and fillers that look like a space.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Checks a new choice.
pub fn check_new(new: &NewChoice, is_known: impl Fn(&OdsCode) -> bool) -> Result<(), ChoiceError> {
    if new.reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON_LENGTH) {
        return Err(ChoiceError::ReasonTooLong);
    }
    match (new.direction, &new.organisation) {
        (Direction::Whole, None) => Ok(()),
        (Direction::Whole, Some(_)) => Err(ChoiceError::OrganisationNotWanted),
        (_, None) => Err(ChoiceError::OrganisationMissing),
        (_, Some(ods)) if is_known(ods) => Ok(()),
        (_, Some(_)) => Err(ChoiceError::OrganisationUnknown),
    }
}

/// The status of a new objection. A proxy's is reviewed first; all others are in force at once (ACCESS.md, "Choices").
pub fn initial_status(role: Role) -> ChoiceStatus {
    if role == Role::ProxyParent { ChoiceStatus::Requested } else { ChoiceStatus::Applied }
}

/// The status after a review.
pub fn status_after_review(now: ChoiceStatus, uphold: bool, reason: &str) -> Result<ChoiceStatus, ChoiceError> {
    match now {
        _ if clean_reason(reason).is_none() => Err(ChoiceError::ReviewWithoutReason),
        _ if reason.chars().count() > MAX_REASON_LENGTH => Err(ChoiceError::ReasonTooLong),
        ChoiceStatus::Withdrawn => Err(ChoiceError::AlreadyClosed),
        _ if uphold => Ok(ChoiceStatus::Upheld),
        _ => Ok(ChoiceStatus::Refused),
    }
}

/// The status after a withdrawal. A choice that was withdrawn or refused cannot be withdrawn.
pub fn status_after_withdrawal(now: ChoiceStatus) -> Result<ChoiceStatus, ChoiceError> {
    match now {
        ChoiceStatus::Withdrawn | ChoiceStatus::Refused => Err(ChoiceError::AlreadyClosed),
        _ => Ok(ChoiceStatus::Withdrawn),
    }
}

/// Who withdraws a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawer {
    /// The person whose choice it is.
    Person,
    /// The member of staff who recorded it for the person.
    Recorder,
    Other,
}

/// Checks that `by` may withdraw the choice, and returns the reason. The person needs none.
pub fn withdrawal_reason(by: Withdrawer, reason: Option<&str>) -> Result<Option<String>, ChoiceError> {
    let reason = reason.and_then(clean_reason);
    match (by, reason) {
        (Withdrawer::Other, _) => Err(ChoiceError::NotPermitted),
        (Withdrawer::Recorder, None) => Err(ChoiceError::WithdrawnWithoutReason),
        (_, Some(reason)) if reason.chars().count() > MAX_REASON_LENGTH => Err(ChoiceError::ReasonTooLong),
        (_, reason) => Ok(reason),
    }
}

/// Whether these objections close the record to a reader of `org`.
pub fn close_record(objections: &[Objection], org: &OdsCode) -> bool {
    objections.iter().any(|objection| match objection.direction {
        Direction::Whole => true,
        Direction::Into => objection.organisation.as_ref() == Some(org),
        Direction::OutOf => false,
    })
}

/// Whether these objections withhold the data of a system of `owner`. A GP system may serve many practices, so an
/// objection "out of" one's own practice withholds every GP system.
pub fn withhold_system(objections: &[Objection], owner: &OdsCode, kind: &SystemKind, practice: Option<&str>) -> bool {
    let owns = |ods: &OdsCode| ods == owner || (*kind == SystemKind::Gp && practice == Some(ods.as_str()));
    objections
        .iter()
        .any(|objection| objection.direction == Direction::OutOf && objection.organisation.as_ref().is_some_and(owns))
}

#[cfg(test)]
#[path = "choices_tests.rs"]
mod tests;
