//! Tests of `source.rs`.

use lcr_contracts::registry::{Feed, Organisation, SystemSetup};
use lcr_model::SourceId;

use super::*;

fn system(id: &str, senders: Option<&[(&str, &str)]>) -> System {
    let pair = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    System {
        id: SourceId::new(id),
        name: id.to_owned(),
        organisation: OdsCode::new("Z9H01"),
        base_url: String::new(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: std::collections::BTreeMap::new(),
        rhythm: "real-time".to_owned(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: senders.map(|senders| Feed { senders: senders.iter().map(pair).collect(), ..Feed::default() }),
    }
}

fn owner(state: PartnerState, agreement_signed: bool) -> Organisation {
    Organisation {
        ods: OdsCode::new("Z9H01"),
        name: "St Hilda's".to_owned(),
        kind: "acute".into(),
        agreement_signed,
        part_of: None,
        serves: vec![],
        state,
        receives: None,
    }
}

/// The systems, of an owner that takes part.
fn registry(systems: Vec<System>) -> Registry {
    Registry { organisations: vec![owner(PartnerState::Live, true)], systems }
}

fn header(application: &str, facility: &str) -> Header {
    Header { application: application.into(), facility: facility.into(), ..Header::default() }
}

#[test]
fn only_senders_in_the_registry_are_accepted() {
    let rows = registry(vec![system("hildas", Some(&[("PAS", "Z9H01")])), system("asked-only", None)]);
    let of = |a, f| source_by_header(&rows, &header(a, f), &Sender::Listener).map(|system| system.id.0.clone());
    assert_eq!(of("PAS", "Z9H01").unwrap(), "hildas");
    assert_eq!(of("PAS", "Z9H02").unwrap_err().text, "this sender is not known");
    assert_eq!(of("", "").unwrap_err().condition, Condition::UnknownKey);
}

#[test]
fn the_sandbox_accepts_senders_that_no_source_names() {
    let rows = registry(vec![system("hildas", Some(&[("PAS", "Z9H01")])), system("sandbox", Some(&[]))]);
    let sender = Sender::Client { id: "x".into(), organisation: OdsCode::new("Z9K01") };
    let of = |a, f| source_by_header(&rows, &header(a, f), &sender).map(|system| system.id.0.clone());
    assert_eq!(of("ANY", "BODY").unwrap(), "sandbox");
    assert_eq!(of("PAS", "Z9H01").unwrap_err().text, "this client may not send for that sender");
}

#[test]
fn senders_that_are_suspended_not_live_or_registered_twice_are_refused() {
    let mut suspended = system("hildas", Some(&[("PAS", "Z9H01")]));
    suspended.suspended = true;
    let of = |rows: Vec<System>| {
        source_by_header(&registry(rows), &header("PAS", "Z9H01"), &Sender::Listener).map(|_| ()).unwrap_err()
    };
    assert_eq!(of(vec![suspended]).text, "this sender is suspended");
    assert_eq!(of(vec![not_live("hildas")]).text, "this sender is not live yet");
    let twice = vec![system("a", Some(&[("PAS", "Z9H01")])), system("b", Some(&[("PAS", "Z9H01")]))];
    assert_eq!(of(twice).text, "this sender is registered twice");
}

fn not_live(id: &str) -> System {
    let mut waiting = system(id, Some(&[("PAS", "Z9H01")]));
    waiting.setup.live = false;
    waiting
}

#[test]
fn a_source_that_is_not_live_takes_no_sender_from_one_that_is() {
    let rows = registry(vec![not_live("copy"), system("hildas", Some(&[("PAS", "Z9H01")])), not_live("other")]);
    let found = source_by_header(&rows, &header("PAS", "Z9H01"), &Sender::Listener);
    assert_eq!(found.map(|system| system.id.as_str()).unwrap(), "hildas");
}

#[test]
fn nothing_is_taken_from_a_source_whose_organisation_does_not_take_part() {
    let not_live_yet = "this sender is not live yet";
    let no_part = "this sender's organisation does not take part";
    for (state, signed, expected) in [
        (PartnerState::Draft, false, Some(not_live_yet)),
        (PartnerState::Agreed, true, Some(not_live_yet)),
        (PartnerState::Connecting, true, Some(not_live_yet)),
        (PartnerState::Conformant, true, Some(not_live_yet)),
        (PartnerState::Live, true, None),
        (PartnerState::Live, false, Some(no_part)),
        (PartnerState::Suspended, true, Some(no_part)),
        (PartnerState::Left, true, Some(no_part)),
    ] {
        let mut rows = registry(vec![system("hildas", Some(&[("PAS", "Z9H01")]))]);
        rows.organisations = vec![owner(state, signed)];
        let by_header = source_by_header(&rows, &header("PAS", "Z9H01"), &Sender::Listener);
        let by_id = source_by_id(&rows, Some("hildas"), &Sender::Listener);
        for refused in [by_header.err(), by_id.err()] {
            assert_eq!(refused.as_ref().map(|fault| fault.text.as_str()), expected, "{state}");
        }
        assert_eq!(is_open(&rows, &rows.systems[0]), expected.is_none(), "{state}");
        rows.organisations.clear();
        assert!(!is_open(&rows, &rows.systems[0]), "an owner that is not in the registry");
    }
}
