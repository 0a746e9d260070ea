//! The forms of a reader without a recorded link: why they are involved, or why they override a refusal. A text about a
//! problem must never repeat what was typed.

use lcr_contracts::claims::{MAX_CLAIM_TEXT, NewClaim, NewOverride};
use lcr_model::{ClaimReason, OverrideReason, Permission};
use serde::Deserialize;

use crate::forms::{field_problem::FieldProblem, form_input::trimmed};

/// The fewest characters of the text of an override.
const MIN_OVERRIDE_TEXT: usize = 10;

pub(crate) const CLAIM_REASON: &str = "claim-reason";
pub(crate) const CLAIM_PERMISSION: &str = "claim-permission";
pub(crate) const CLAIM_TEXT: &str = "claim-text";
pub(crate) const OVERRIDE_REASON: &str = "override-reason";
pub(crate) const OVERRIDE_TEXT: &str = "override-text";

/// A claim as the form sends it. The form is filled with it again if something is missing.
#[derive(Clone, Default, Deserialize)]
pub(crate) struct ClaimInput {
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub permission: String,
    #[serde(default)]
    pub text: String,
}

/// An override as the form sends it.
#[derive(Clone, Default, Deserialize)]
pub(crate) struct OverrideInput {
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub text: String,
}

impl ClaimInput {
    /// # Errors
    /// What is missing or too long, in the order of the form.
    pub fn parse(&self) -> Result<NewClaim, Vec<FieldProblem>> {
        let reason = ClaimReason::OFFERED.into_iter().find(|reason| reason.as_str() == self.reason);
        let permissions = [Permission::Given, Permission::CannotBeAsked];
        let permission = permissions.into_iter().find(|permission| permission.as_str() == self.permission);
        let text = trimmed(&self.text);
        let too_long = text.chars().count() > MAX_CLAIM_TEXT;
        match (reason, permission) {
            (Some(reason), Some(permission)) if !too_long => {
                Ok(NewClaim { reason, permission, text: Some(text).filter(|text| !text.is_empty()) })
            }
            (reason, permission) => Err(problems([
                (reason.is_none(), CLAIM_REASON, "Choose why you are involved."),
                (permission.is_none(), CLAIM_PERMISSION, "Choose whether the person gave permission."),
                (too_long, CLAIM_TEXT, "The text may have at most 500 characters."),
            ])),
        }
    }
}

impl OverrideInput {
    /// # Errors
    /// What is missing, too short or too long, in the order of the form.
    pub fn parse(&self) -> Result<NewOverride, Vec<FieldProblem>> {
        let reason = OverrideReason::OFFERED.into_iter().find(|reason| reason.as_str() == self.reason);
        let text = trimmed(&self.text);
        let (too_short, too_long) = (text.chars().count() < MIN_OVERRIDE_TEXT, text.chars().count() > MAX_CLAIM_TEXT);
        match reason {
            Some(reason) if !too_short && !too_long => Ok(NewOverride { reason, text }),
            reason => Err(problems([
                (reason.is_none(), OVERRIDE_REASON, "Choose the reason."),
                (too_short, OVERRIDE_TEXT, "Say in at least 10 characters why you cannot wait."),
                (too_long, OVERRIDE_TEXT, "The text may have at most 500 characters."),
            ])),
        }
    }
}

fn problems(checks: [(bool, &'static str, &'static str); 3]) -> Vec<FieldProblem> {
    let wrong = checks.into_iter().filter(|(is_wrong, _, _)| *is_wrong);
    wrong.map(|(_, field, text)| FieldProblem::new(field, text)).collect()
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
