//! Tests of `changed_fields.rs`.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::registry::SystemSetup;
use lcr_model::{Dataset, OdsCode, SourceId};

use super::*;

#[test]
fn the_fields_of_a_schedule_are_named_without_their_values() {
    let before = DataFlowSchedule { lawful_basis: "6(1)(e)".into(), ..DataFlowSchedule::default() };
    let after = DataFlowSchedule { gives: [Dataset::Results].into(), retention: "8 years".into(), ..before.clone() };
    assert_eq!(of_schedule(&before, &after), " (what it gives, retention)");
    assert_eq!(of_schedule(&after, &after), "");
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

#[test]
fn each_field_of_a_systems_setup_has_words() {
    let system = |setup: SystemSetup| System {
        id: SourceId::new("gp"),
        name: "Records".into(),
        organisation: OdsCode::new("Z9H01"),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: [].into(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        feed: None,
        setup,
    };
    let fields = |setup| of_system(&system(SystemSetup::default()), &system(setup));
    let new = SystemSetup::default;
    assert_eq!(fields(new()), "");
    assert_eq!(fields(SystemSetup { removed: true, ..new() }), " (removal)");
    let lapsed = SystemSetup { lapsed: [Dataset::Results].into(), ..new() };
    assert_eq!(fields(lapsed), " (datasets that lapsed with its agreement)");
    let by_platform = SystemSetup { suspended_by_platform: true, ..new() };
    assert_eq!(fields(by_platform), " (whether the platform suspended it)");
    assert_eq!(fields(SystemSetup { stages_by_operator: true, ..new() }), " (who keeps its switch-on)");
    assert_eq!(fields(SystemSetup { was_live: true, ..new() }), " (whether it was live before)");
    let stopped = SystemSetup { live: false, was_live: true, needs_check: Some(false), ..new() };
    assert_eq!(fields(stopped), " (whether it is live)");
}
