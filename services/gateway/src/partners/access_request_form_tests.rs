//! Tests of `access_request_form.rs`.

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
