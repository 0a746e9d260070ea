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
mod tests {
    use lcr_model::{OdsCode, Role};

    use super::*;

    fn request() -> AccessRequest {
        AccessRequest {
            id: "1".into(),
            name: "Sam Reed".into(),
            organisation: OdsCode::new("K12"),
            role: Role::WardNurse,
            reason: "New".into(),
            asked_at: "2026-11-30T09:12:00Z".parse().unwrap(),
            decide_by: "2026-12-01T17:00:00Z".parse().unwrap(),
            checks: vec![],
            decision: None,
            decided_at: None,
            decided_by: String::new(),
            remark: String::new(),
        }
    }

    #[test]
    fn the_clock_says_when_a_decision_is_due() {
        assert_eq!(clock_words(&request()), "Asked 30-Nov-2026 09:12. A decision is due by 01-Dec-2026 17:00.");
    }

    #[test]
    fn nobody_asks_twice_while_a_request_waits() {
        let mut applicant = Applicant {
            name: "Sam Reed".into(),
            organisation: OdsCode::new("K12"),
            organisation_name: "Kirkstall Hospice".into(),
            requests: vec![request()],
        };
        assert!(request_form(&applicant, &FormSubmission::default()).is_none());
        applicant.requests[0].decision = Some(Decision::Refused);
        assert!(request_form(&applicant, &FormSubmission::default()).is_some());
    }
}
