//! The life of an objection: applied at once, reviewed, withdrawn. Pure; who may do which is policy.

use lcr_contracts::choices::{ChoiceStatus, Direction, NewChoice};
use lcr_model::{OdsCode, Role};
use uuid::Uuid;

/// The longest reason taken, in characters.
pub const LONGEST_REASON: usize = 500;

/// An objection in force, as a decision needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub direction: Direction,
    pub organisation: Option<OdsCode>,
}

/// What is wrong with what was asked.
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
    Over,
    #[error("A review gives its reasons in words.")]
    ReviewWithoutReason,
    #[error("An objection is withdrawn by the person, or by whoever recorded it for them.")]
    NotTheirs,
    #[error("Give the reason why the objection is withdrawn for the person. They can read it.")]
    WithdrawnWithoutReason,
}

/// The reason, if it says anything to whoever reads it, without the marks that show nothing or turn the text around.
pub fn reason(text: &str) -> Option<String> {
    let shown = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || is_invisible(*c));
    let text: String = text.chars().filter(shown).collect();
    let text = text.trim();
    text.contains(char::is_alphanumeric).then(|| text.to_owned())
}

/// Unicode's format characters (general category Cf) of running text, and the fillers that look like a space.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Checks what was asked for.
pub fn check(new: &NewChoice, known: impl Fn(&OdsCode) -> bool) -> Result<(), ChoiceError> {
    if new.reason.as_ref().is_some_and(|reason| reason.chars().count() > LONGEST_REASON) {
        return Err(ChoiceError::ReasonTooLong);
    }
    match (new.direction, &new.organisation) {
        (Direction::Whole, None) => Ok(()),
        (Direction::Whole, Some(_)) => Err(ChoiceError::OrganisationNotWanted),
        (_, None) => Err(ChoiceError::OrganisationMissing),
        (_, Some(ods)) if known(ods) => Ok(()),
        (_, Some(_)) => Err(ChoiceError::OrganisationUnknown),
    }
}

/// How a new objection begins: a proxy's is reviewed first, everybody else's holds at once (`access.md`).
pub fn begins(role: Role) -> ChoiceStatus {
    if role == Role::ProxyParent { ChoiceStatus::Requested } else { ChoiceStatus::Applied }
}

/// What a review makes of it.
pub fn reviewed(now: ChoiceStatus, uphold: bool, reason: &str) -> Result<ChoiceStatus, ChoiceError> {
    match now {
        _ if self::reason(reason).is_none() => Err(ChoiceError::ReviewWithoutReason),
        _ if reason.chars().count() > LONGEST_REASON => Err(ChoiceError::ReasonTooLong),
        ChoiceStatus::Withdrawn => Err(ChoiceError::Over),
        _ if uphold => Ok(ChoiceStatus::Upheld),
        _ => Ok(ChoiceStatus::Refused),
    }
}

/// Taking one back: only what is not already over.
pub fn withdrawn(now: ChoiceStatus) -> Result<ChoiceStatus, ChoiceError> {
    match now {
        ChoiceStatus::Withdrawn | ChoiceStatus::Refused => Err(ChoiceError::Over),
        _ => Ok(ChoiceStatus::Withdrawn),
    }
}

/// Who takes one back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Whose objection it is.
    Person,
    /// Whoever recorded it for them.
    Recorder,
    Other,
}

/// Whether `by` may take it back, and with which reason: the person needs none.
pub fn reason_to_withdraw(by: By, reason: Option<&str>) -> Result<Option<String>, ChoiceError> {
    let reason = reason.and_then(self::reason);
    match (by, reason) {
        (By::Other, _) => Err(ChoiceError::NotTheirs),
        (By::Recorder, None) => Err(ChoiceError::WithdrawnWithoutReason),
        (_, Some(reason)) if reason.chars().count() > LONGEST_REASON => Err(ChoiceError::ReasonTooLong),
        (_, reason) => Ok(reason),
    }
}

/// Whether these close the record to a reader of `org`.
pub fn closes(objections: &[Objection], org: &OdsCode) -> bool {
    objections.iter().any(|one| match one.direction {
        Direction::Whole => true,
        Direction::Into => one.organisation.as_ref() == Some(org),
        Direction::OutOf => false,
    })
}

/// Whether these keep back what a system of `owner` holds. A GP system may serve many practices: leaving one's
/// own practice out leaves every GP system out.
pub fn keeps_back(objections: &[Objection], owner: &OdsCode, kind: &str, practice: Option<&str>) -> bool {
    let of = |ods: &OdsCode| ods == owner || (kind == "gp" && practice == Some(ods.as_str()));
    objections
        .iter()
        .any(|one| one.direction == Direction::OutOf && one.organisation.as_ref().is_some_and(of))
}

/// A number to read out on the telephone: letters that cannot be mistaken for figures, in two groups.
pub fn receipt_number(choice: Uuid, version: i64) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut bits =
        u64::try_from(choice.as_u128() & u128::from(u64::MAX)).unwrap_or(0) ^ version.unsigned_abs();
    let mut number = String::from("LCR");
    for place in 0..8 {
        if place % 4 == 0 {
            number.push('-');
        }
        let letter = usize::try_from(bits & 31).unwrap_or(0);
        number.push(char::from(LETTERS[letter]));
        bits >>= 5;
    }
    number
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
    fn an_objection_holds_from_the_moment_it_is_made_unless_made_for_somebody_else() {
        assert!(begins(Role::Patient).in_force() && begins(Role::Receptionist).in_force());
        assert!(!begins(Role::ProxyParent).in_force());
    }

    #[test]
    fn what_is_over_stays_over_and_a_review_needs_words() {
        for status in ALL {
            assert_eq!(reviewed(status, true, " "), Err(ChoiceError::ReviewWithoutReason));
            let over = matches!(status, ChoiceStatus::Withdrawn | ChoiceStatus::Refused);
            assert_eq!(withdrawn(status).is_err(), over);
        }
        assert_eq!(reviewed(ChoiceStatus::Withdrawn, true, "heard"), Err(ChoiceError::Over));
        assert_eq!(reviewed(ChoiceStatus::Applied, false, "safety"), Ok(ChoiceStatus::Refused));
    }

    #[test]
    fn the_person_or_its_recorder_withdraws_and_the_recorder_says_why() {
        assert_eq!(reason_to_withdraw(By::Person, None), Ok(None));
        assert_eq!(
            reason_to_withdraw(By::Recorder, Some(" asked by phone ")),
            Ok(Some("asked by phone".to_owned()))
        );
        for none in [None, Some(""), Some("  ")] {
            assert_eq!(reason_to_withdraw(By::Recorder, none), Err(ChoiceError::WithdrawnWithoutReason));
        }
        assert_eq!(reason_to_withdraw(By::Other, Some("why")), Err(ChoiceError::NotTheirs));
        let long = "x".repeat(LONGEST_REASON + 1);
        assert_eq!(reason_to_withdraw(By::Person, Some(&long)), Err(ChoiceError::ReasonTooLong));
    }

    #[test]
    fn each_direction_closes_what_it_says_and_nothing_else() {
        let (a, b) = (OdsCode::new("A"), OdsCode::new("B"));
        let one = |direction, organisation| vec![Objection { direction, organisation }];
        assert!(closes(&one(Direction::Whole, None), &a));
        assert!(closes(&one(Direction::Into, Some(a.clone())), &a));
        assert!(!closes(&one(Direction::Into, Some(a.clone())), &b));
        let out = one(Direction::OutOf, Some(a.clone()));
        assert!(!closes(&out, &a) && keeps_back(&out, &a, "hospital", None));
        assert!(!keeps_back(&out, &b, "hospital", Some("A")));
        assert!(keeps_back(&out, &b, "gp", Some("A")), "a shared GP system");
    }

    #[test]
    fn a_reason_says_something_to_whoever_reads_it() {
        for nothing in
            ["", " ", "\u{a0}", "\u{200b}", "\u{2060}\u{feff}", "\0\u{7}", "\u{3164}", "...", "\u{e0041}"]
        {
            assert_eq!(reason(nothing), None, "{nothing:?}");
            assert_eq!(
                reviewed(ChoiceStatus::Requested, true, nothing),
                Err(ChoiceError::ReviewWithoutReason)
            );
        }
        assert_eq!(reason(" \u{202e}evil\u{202c}\0 ").as_deref(), Some("evil"));
        assert_eq!(reason("Zażółć: 病院\nline two").as_deref(), Some("Zażółć: 病院\nline two"));
    }

    #[test]
    fn an_organisation_is_named_exactly_where_one_is_meant() {
        let new = |direction, organisation: Option<&str>| NewChoice {
            direction,
            organisation: organisation.map(OdsCode::new),
            reason: None,
        };
        let known = |ods: &OdsCode| ods.as_str() == "A";
        assert!(check(&new(Direction::Whole, None), known).is_ok());
        assert!(check(&new(Direction::Whole, Some("A")), known).is_err());
        assert!(check(&new(Direction::Into, None), known).is_err());
        assert!(check(&new(Direction::Into, Some("B")), known).is_err());
        assert!(check(&new(Direction::OutOf, Some("A")), known).is_ok());
    }
}
