//! The request for access of somebody whose provider vouches for them and whose role we do not know: the form, and the state of
//! what they have asked for.

use lcr_contracts::partners::people::{AccessRequest, Applicant, Decision, NewAccessRequest};

use crate::{
    forms::{form::Form, form_input::Values, grid::Tag, page::Section, submission::FormSubmission},
    layout::format::format_moment,
    partners::{directory_forms::request_checks, words::staff_role_choices},
};

pub(super) const PAGE: &str = "/access-request";
const MAX_REASON: usize = lcr_contracts::partners::MAX_REASON;

/// The form, if no request of theirs waits for a decision. There is no session, so it has no form token.
pub(super) fn request_form(applicant: &Applicant, submission: &FormSubmission) -> Option<Section> {
    let waits = applicant.requests.iter().any(|request| request.decision.is_none());
    let form = Form::without_session("request-access", "", PAGE, submission)
        .radios("role", "Your role", staff_role_choices(), "")
        .long("reason", "Why you need it", "At most 500 characters. Your administrator reads this.", "")
        .button("Ask for access");
    let section = Section::new("request", "Ask for access").text(
        "You are signed in, and your role is not known here. An administrator of your organisation decides \
            within one working day.",
    );
    (!waits).then(|| section.form(form))
}

pub(super) fn request_section(request: &AccessRequest) -> Section {
    let state = state_tag(request);
    let mut section = Section::new(format!("request-{}", request.id), format!("Access as {}", request.role.words()))
        .fact("State", state.words)
        .text(clock_words(request))
        .grid(request_checks(&request.checks));
    if !request.decided_by.is_empty() {
        section = section.fact("Decided by", request.decided_by.clone());
    }
    if !request.remark.is_empty() {
        section = section.fact("Why", request.remark.clone());
    }
    if request.decision == Some(Decision::Granted) {
        section = section.link("Sign in", "/sign-in");
    }
    section
}

fn state_tag(request: &AccessRequest) -> Tag {
    let (colour, words) = match request.decision {
        None => ("blue", "Waits for a decision"),
        Some(Decision::Granted) => ("green", "Given"),
        Some(Decision::Refused) => ("red", "Refused"),
    };
    Tag { colour, words }
}

fn clock_words(request: &AccessRequest) -> String {
    let asked = format_moment(request.asked_at);
    match request.decided_at {
        Some(at) => format!("Asked {asked}. Decided {}.", format_moment(at)),
        None => format!("Asked {asked}. A decision is due by {}.", format_moment(request.decide_by)),
    }
}

/// # Errors
/// What is missing or too long.
pub(super) fn read_request(values: &Values) -> Result<NewAccessRequest, String> {
    let role = values.one_of("role", "Choose your role.")?;
    let reason = values.optional("reason").ok_or_else(|| "Say why you need access.".to_owned())?;
    if reason.chars().count() > MAX_REASON {
        return Err("The reason may have at most 500 characters.".to_owned());
    }
    Ok(NewAccessRequest { role, reason })
}

#[cfg(test)]
#[path = "access_request_form_tests.rs"]
mod tests;
