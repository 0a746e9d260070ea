//! What an officer states about a claim: read from the form, or rejected with the reason.

use lcr_contracts::claims::{ClaimOutcome, ClaimReview};
use serde::Deserialize;

use crate::forms::{field_problem::FieldProblem, form_input::trimmed};

const TEXT_CHARS: std::ops::RangeInclusive<usize> = 3..=500;

pub(super) const OUTCOMES: [(&str, &str, ClaimOutcome); 2] = [
    ("justified", "Justified", ClaimOutcome::Justified),
    ("not-justified", "Not justified: the record closes at once", ClaimOutcome::NotJustified),
];

/// A review as the form sends it.
#[derive(Clone, Default, Deserialize)]
pub(crate) struct ReviewInput {
    #[serde(default)]
    pub outcome: String,
    #[serde(default)]
    pub text: String,
}

/// A review that came back: of which claim, as it was sent, and what is wrong.
#[derive(Default)]
pub(crate) struct RejectedReview {
    pub claim: String,
    pub input: ReviewInput,
    pub problems: Vec<FieldProblem>,
}

impl ReviewInput {
    /// # Errors
    /// What is missing or too long, in the order of the form of this claim.
    pub fn parse(&self, claim: &str) -> Result<ClaimReview, Vec<FieldProblem>> {
        let outcome = OUTCOMES.into_iter().find(|(name, _, _)| *name == self.outcome).map(|(_, _, outcome)| outcome);
        let text = trimmed(&self.text);
        let length_fits = TEXT_CHARS.contains(&text.chars().count());
        match outcome {
            Some(outcome) if length_fits => Ok(ClaimReview { outcome, text }),
            outcome => {
                let missing =
                    outcome.is_none().then(|| FieldProblem::new(outcome_id(claim), "Choose whether it was justified."));
                let length = (!length_fits)
                    .then(|| FieldProblem::new(found_id(claim), "Say in 3 to 500 characters what you found."));
                Err(missing.into_iter().chain(length).collect())
            }
        }
    }
}

pub(crate) fn outcome_id(claim: &str) -> String {
    format!("outcome-{claim}")
}

pub(super) fn found_id(claim: &str) -> String {
    format!("found-{claim}")
}
