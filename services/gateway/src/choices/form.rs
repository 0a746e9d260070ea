//! The forms of the choices pages and their checks. An error text must never repeat what was typed.

use lcr_contracts::{
    Failure,
    choices::{Direction, NewChoice},
};
use lcr_model::OdsCode;
use serde::Deserialize;

const MAX_REASON_CHARS: usize = 500;

/// A choice as the form sends it. The form is filled with it again if something is missing.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ChoiceForm {
    #[serde(default)]
    pub direction: String,
    #[serde(default)]
    pub organisation: String,
    #[serde(default)]
    pub reason: String,
}

/// A withdrawal. It is sent twice: to ask for the confirmation, and to confirm.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct WithdrawForm {
    /// `yes` once the reader has confirmed.
    #[serde(default)]
    pub sure: String,
    /// The reason, if staff withdraw it for the person.
    #[serde(default)]
    pub reason: String,
}

/// A review as the form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ReviewForm {
    #[serde(default)]
    pub decision: String,
    #[serde(default)]
    pub reason: String,
}

impl ChoiceForm {
    /// # Errors
    /// `BadRequest` that says what is missing.
    pub fn parse(&self) -> Result<NewChoice, Failure> {
        let organisation = Some(self.organisation.trim()).filter(|ods| !ods.is_empty()).map(OdsCode::new);
        let direction = match (self.direction.as_str(), &organisation) {
            ("whole", _) => Direction::Whole,
            ("out-of" | "into", None) => return Err(Failure::bad_request("Choose the organisation.")),
            ("out-of", Some(_)) => Direction::OutOf,
            ("into", Some(_)) => Direction::Into,
            _ => return Err(Failure::bad_request("Choose what the objection covers.")),
        };
        if self.reason.chars().count() > MAX_REASON_CHARS {
            return Err(Failure::bad_request("The reason may have at most 500 characters."));
        }
        let reason = Some(self.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        // The form may still hold an organisation that was chosen before "all sharing".
        let organisation = organisation.filter(|_| direction != Direction::Whole);
        Ok(NewChoice { direction, organisation, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(direction: &str, organisation: &str, reason: &str) -> Result<NewChoice, String> {
        let form = ChoiceForm { direction: direction.into(), organisation: organisation.into(), reason: reason.into() };
        form.parse().map_err(|failure| failure.outward().to_owned())
    }

    #[test]
    fn an_incomplete_choice_is_refused_with_what_is_missing() {
        let whole = parse("whole", "RR8XX", " ").unwrap();
        assert_eq!((whole.direction, whole.organisation, whole.reason), (Direction::Whole, None, None));
        assert_eq!(parse("into", "RR8XX", "my own").unwrap().organisation, Some(OdsCode::new("RR8XX")));
        assert_eq!(parse("into", " ", ""), Err("Choose the organisation.".into()));
        assert_eq!(parse("", "RR8XX", ""), Err("Choose what the objection covers.".into()));
        assert!(parse("whole", "", &"x".repeat(501)).is_err());
    }
}
