//! The forms of the choices pages, and what is read of them. What is missing is said in words; nothing typed is
//! repeated outside the page it was typed on.

use lcr_contracts::{
    Failure,
    choices::{Direction, NewChoice},
};
use lcr_model::OdsCode;
use serde::Deserialize;

const LONGEST: usize = 500;

/// What the form sends, and what it is drawn with again.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    pub direction: String,
    #[serde(default)]
    pub organisation: String,
    #[serde(default)]
    pub reason: String,
}

/// Withdrawing is asked for, then confirmed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Sure {
    #[serde(default)]
    pub sure: String,
    /// Why, when it is done for somebody else.
    #[serde(default)]
    pub reason: String,
}

/// A review as the form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Reviewed {
    #[serde(default)]
    pub decision: String,
    #[serde(default)]
    pub reason: String,
}

impl Fields {
    /// What was chosen, or what is missing, in words.
    pub fn read(&self) -> Result<NewChoice, Failure> {
        let organisation = Some(self.organisation.trim()).filter(|ods| !ods.is_empty()).map(OdsCode::new);
        let direction = match (self.direction.as_str(), &organisation) {
            ("whole", _) => Direction::Whole,
            ("out-of" | "into", None) => return Err(Failure::bad_request("Choose the organisation.")),
            ("out-of", Some(_)) => Direction::OutOf,
            ("into", Some(_)) => Direction::Into,
            _ => return Err(Failure::bad_request("Choose what the objection covers.")),
        };
        if self.reason.chars().count() > LONGEST {
            return Err(Failure::bad_request("The reason may have at most 500 characters."));
        }
        let reason = Some(self.reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        // An organisation left over in the form is no part of an objection to all sharing.
        let organisation = organisation.filter(|_| direction != Direction::Whole);
        Ok(NewChoice { direction, organisation, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(direction: &str, organisation: &str, reason: &str) -> Result<NewChoice, String> {
        let fields =
            Fields { direction: direction.into(), organisation: organisation.into(), reason: reason.into() };
        fields.read().map_err(|failure| failure.outward().to_owned())
    }

    #[test]
    fn a_choice_is_read_or_what_is_missing_is_said() {
        let whole = read("whole", "RR8XX", " ").unwrap();
        assert_eq!((whole.direction, whole.organisation, whole.reason), (Direction::Whole, None, None));
        assert_eq!(read("into", "RR8XX", "my own").unwrap().organisation, Some(OdsCode::new("RR8XX")));
        assert_eq!(read("into", " ", ""), Err("Choose the organisation.".into()));
        assert_eq!(read("", "RR8XX", ""), Err("Choose what the objection covers.".into()));
        assert!(read("whole", "", &"x".repeat(501)).is_err());
    }
}
