//! What happened to the form of a page that was sent last: it is done, or it comes back with what was typed.

use axum::http::StatusCode;
use lcr_contracts::Failure;
use serde::Deserialize;

use crate::{
    forms::{field_problem::FieldProblem, form_input::Values},
    web::error_page::error_text,
};

/// What happened to the form that was sent last, if any.
#[derive(Clone, Default)]
pub(crate) struct FormSubmission {
    values: Values,
    problem: Option<(StatusCode, String)>,
    /// What was done, as a sentence.
    pub done: Option<&'static str>,
}

/// The marks of a page that a check has led to.
pub(crate) const CHECK_PASSED: &str = "check-passed";
pub(crate) const CHECK_FAILED: &str = "check-failed";

/// The mark of a page that a form has led to.
#[derive(Default, Deserialize)]
pub(crate) struct DoneQuery {
    done: Option<String>,
}

impl FormSubmission {
    /// After a redirect of ours.
    pub fn after(query: &DoneQuery) -> Self {
        let words = |mark: &str| match mark {
            CHECK_PASSED => "The check passed.",
            CHECK_FAILED => "The check found problems. Its report says what to do.",
            _ => "The change is saved.",
        };
        Self { done: query.done.as_deref().map(words), ..Self::default() }
    }

    /// The form could not be sent on.
    pub fn refused_because(values: Values, problem: impl Into<String>) -> Self {
        Self { values, problem: Some((StatusCode::BAD_REQUEST, problem.into())), done: None }
    }

    /// Identity has refused the change, or did not answer.
    pub fn failed(values: Values, failure: &Failure) -> Self {
        let text = error_text(failure);
        Self { values, problem: Some((text.status, text.text)), done: None }
    }

    /// The values and the problem, if this form was refused.
    pub fn refused(&self, form_id: &str) -> Option<(&Values, &str)> {
        let (_, problem) = self.problem.as_ref()?;
        (self.values.form_id() == form_id).then_some((&self.values, problem.as_str()))
    }

    /// The form that was refused, and why, for the error summary.
    pub fn problems(&self) -> Vec<FieldProblem> {
        let problem = self.problem.iter();
        problem.map(|(_, problem)| FieldProblem::new(self.values.form_id(), problem.as_str())).collect()
    }

    /// The status of the page.
    pub fn status(&self) -> StatusCode {
        self.problem.as_ref().map_or(StatusCode::OK, |(status, _)| *status)
    }

    /// Whether this form was refused in any row, so that a folded section opens.
    pub fn is_about(&self, act: &str) -> bool {
        self.problem.is_some() && self.values.act() == act
    }
}
