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
mod tests {
    use super::*;

    const ALL: [ChoiceStatus; 5] = [
        ChoiceStatus::Applied,
        ChoiceStatus::Requested,
        ChoiceStatus::Upheld,
        ChoiceStatus::Refused,
        ChoiceStatus::Withdrawn,
    ];

    #[test]
    fn a_new_objection_is_in_force_unless_a_proxy_makes_it() {
        assert!(initial_status(Role::Patient).in_force() && initial_status(Role::Receptionist).in_force());
        assert!(!initial_status(Role::ProxyParent).in_force());
    }

    #[test]
    fn a_withdrawn_choice_stays_withdrawn_and_a_review_needs_a_reason() {
        for status in ALL {
            assert_eq!(status_after_review(status, true, " "), Err(ChoiceError::ReviewWithoutReason));
            let over = matches!(status, ChoiceStatus::Withdrawn | ChoiceStatus::Refused);
            assert_eq!(status_after_withdrawal(status).is_err(), over);
        }
        assert_eq!(status_after_review(ChoiceStatus::Withdrawn, true, "heard"), Err(ChoiceError::AlreadyClosed));
        assert_eq!(status_after_review(ChoiceStatus::Applied, false, "safety"), Ok(ChoiceStatus::Refused));
    }

    #[test]
    fn the_person_or_the_recorder_may_withdraw_and_the_recorder_gives_a_reason() {
        assert_eq!(withdrawal_reason(Withdrawer::Person, None), Ok(None));
        assert_eq!(
            withdrawal_reason(Withdrawer::Recorder, Some(" asked by phone ")),
            Ok(Some("asked by phone".to_owned()))
        );
        for none in [None, Some(""), Some("  ")] {
            assert_eq!(withdrawal_reason(Withdrawer::Recorder, none), Err(ChoiceError::WithdrawnWithoutReason));
        }
        assert_eq!(withdrawal_reason(Withdrawer::Other, Some("why")), Err(ChoiceError::NotPermitted));
        let long = "x".repeat(MAX_REASON_LENGTH + 1);
        assert_eq!(withdrawal_reason(Withdrawer::Person, Some(&long)), Err(ChoiceError::ReasonTooLong));
    }

    #[test]
    fn each_direction_closes_only_what_it_names() {
        let (a, b) = (OdsCode::new("A"), OdsCode::new("B"));
        let one = |direction, organisation| vec![Objection { direction, organisation }];
        assert!(close_record(&one(Direction::Whole, None), &a));
        assert!(close_record(&one(Direction::Into, Some(a.clone())), &a));
        assert!(!close_record(&one(Direction::Into, Some(a.clone())), &b));
        let out = one(Direction::OutOf, Some(a.clone()));
        assert!(!close_record(&out, &a) && withhold_system(&out, &a, &SystemKind::Hospital, None));
        assert!(!withhold_system(&out, &b, &SystemKind::Hospital, Some("A")));
        assert!(withhold_system(&out, &b, &SystemKind::Gp, Some("A")), "a shared GP system");
    }

    #[test]
    fn a_reason_must_be_readable() {
        for nothing in ["", " ", "\u{a0}", "\u{200b}", "\u{2060}\u{feff}", "\0\u{7}", "\u{3164}", "...", "\u{e0041}"] {
            assert_eq!(clean_reason(nothing), None, "{nothing:?}");
            assert_eq!(
                status_after_review(ChoiceStatus::Requested, true, nothing),
                Err(ChoiceError::ReviewWithoutReason)
            );
        }
        assert_eq!(clean_reason(" \u{202e}evil\u{202c}\0 ").as_deref(), Some("evil"));
        assert_eq!(clean_reason("Zażółć: 病院\nline two").as_deref(), Some("Zażółć: 病院\nline two"));
    }

    #[test]
    fn a_direction_requires_or_forbids_an_organisation() {
        let new = |direction, organisation: Option<&str>| NewChoice {
            direction,
            organisation: organisation.map(OdsCode::new),
            reason: None,
        };
        let known = |ods: &OdsCode| ods.as_str() == "A";
        assert!(check_new(&new(Direction::Whole, None), known).is_ok());
        assert!(check_new(&new(Direction::Whole, Some("A")), known).is_err());
        assert!(check_new(&new(Direction::Into, None), known).is_err());
        assert!(check_new(&new(Direction::Into, Some("B")), known).is_err());
        assert!(check_new(&new(Direction::OutOf, Some("A")), known).is_ok());
    }
}
