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
#[path = "form_tests.rs"]
mod tests;
