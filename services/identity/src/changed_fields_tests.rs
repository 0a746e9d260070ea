//! Tests of `changed_fields.rs`.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_model::Dataset;

use super::*;

#[test]
fn the_fields_of_a_schedule_are_named_without_their_values() {
    let before = DataFlowSchedule { lawful_basis: "6(1)(e)".into(), ..DataFlowSchedule::default() };
    let after = DataFlowSchedule { gives: [Dataset::Results].into(), retention: "8 years".into(), ..before.clone() };
    assert_eq!(of_schedule(&before, &after), " (what it gives, retention)");
    assert_eq!(of_schedule(&after, &after), " (nothing)");
}

#[test]
fn the_fields_of_an_organisation_are_named_without_their_values() {
    let before = OrganisationDetails {
        name: "Beckside".into(),
        kind: "gp-practice".into(),
        part_of: None,
        serves: vec![],
        sites: vec![],
        contact: "Sam Reed, 0113 496 0000".into(),
    };
    let after = OrganisationDetails { contact: "Jo Lane, 0113 496 0001".into(), ..before.clone() };
    assert_eq!(of_details(&before, &after), " (contact)");
}

#[test]
fn the_fields_of_a_provider_are_named_without_their_values() {
    let draft = |text: &str| -> ProviderDraft { serde_json::from_str(text).unwrap() };
    let before = draft(r#"{"issuer": "https://id.example", "client_id": "lcr"}"#);
    let after = draft(r#"{"issuer": "https://id.example", "client_id": "new", "email_domains": ["a.nhs.uk"]}"#);
    assert_eq!(of_provider(&before, &after), " (client id, e-mail domains)");
}
