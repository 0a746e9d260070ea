//! Tests of where the banner says the person is. (S-49 to S-59, Q-05)

use lcr_contracts::record::{DatasetReport, Demographics, Provenance, Section, SourceReport, WardStay};
use lcr_model::{OdsCode, PersonId, SourceId, SourceState, ViewId};

use super::*;
use hospitals::{ends, from, hospital, in_bed, now, of_class, record, source, text, ward_stay};

#[path = "current_stay_tests/emergency.rs"]
mod emergency;
#[path = "current_stay_tests/hospitals.rs"]
mod hospitals;

#[test]
fn a_stay_shows_place_start_and_source() {
    let source = "(St Hilda's, ward messages, last message 26-Nov-2026 11:05)";
    assert_eq!(text(vec![ward_stay(|_, _| ())]), format!("J27, bay C, bed 4, since 19-Nov-2026 {source}."));
    let on_leave = ward_stay(|_, stay| stay.on_leave = true);
    assert_eq!(text(vec![on_leave]), format!("J27, bay C, bed 4, since 19-Nov-2026, on leave {source}."));
    let silent = ward_stay(|_, stay| stay.warnings = vec!["Nothing was heard of this stay for 9 days.".into()]);
    assert!(text(vec![silent]).ends_with("): Nothing was heard of this stay for 9 days."));
    let two = text(vec![ward_stay(|_, _| ()), ward_stay(|_, _| ())]);
    assert_eq!(two.matches("bed 4").count(), 2, "two open stays are both said");
}

#[test]
fn a_recent_discharge_is_shown() {
    let discharged = ward_stay(|entry, stay| {
        ends(entry, "2026-11-27T15:00:00Z");
        stay.destination = Some("Usual place of residence".into());
    });
    assert_eq!(
        text(vec![discharged]),
        "no current stay is recorded at St Hilda's. Left 27-Nov-2026 15:00, to: Usual place of residence (St Hilda's, ward messages, last message 26-Nov-2026 11:05)."
    );
    assert_eq!(
        text(vec![ward_stay(|entry, _| ends(entry, "2026-10-01"))]),
        "no current stay is recorded at St Hilda's.",
        "long ago"
    );
}

#[test]
fn only_hospitals_that_know_the_person_are_named() {
    let text = |state| current_stay(&record(hospital(state), vec![], false), now()).text;
    assert_eq!(text(SourceState::NoData), "no current stay is recorded at St Hilda's.");
    let mut sources = hospital(SourceState::NoData);
    sources[0].datasets[0].answered_at = Some("2026-11-26T11:05:00Z".parse().unwrap());
    let old = current_stay(&record(sources, vec![], false), now()).text;
    assert_eq!(old, "no current stay is recorded at St Hilda's (as of 26-Nov-2026 11:05).");
    assert_eq!(text(SourceState::NoRecord), "no current stay is recorded; no connected hospital knows this person.");
    assert_eq!(text(SourceState::NotAgreed), "not known; St Hilda's may not share this.");
    let not_received = "not known; your organisation's agreement does not include this from St Hilda's.";
    assert_eq!(text(SourceState::NotReceived), not_received);
    assert_eq!(text(SourceState::NotYetOn), "not known; not yet switched on for you: St Hilda's.");
    assert_eq!(text(SourceState::TimedOut), "not known; St Hilda's has not answered.");
    assert_eq!(text(SourceState::NotConnected), "not known; no connected hospital has sent anything.");
}

#[test]
fn sources_that_disagree_are_both_shown() {
    let (mut answered, _) = in_bed();
    answered.remark = Some("sources differ: status".into());
    answered.provenance[0].name = "St Hilda's".into();
    let messages = ward_stay(|entry, _| {
        ends(entry, "2026-11-27T15:00:00Z");
        entry.remark = Some("sources differ: status".into());
    });
    assert_eq!(
        text(vec![answered, messages]),
        "St Hilda's, J27, bay C, bed 4, since 19-Nov-2026, sources differ: status; left 27-Nov-2026 15:00 (St Hilda's, ward messages, last message 26-Nov-2026 11:05), sources differ: status."
    );
}

#[test]
fn an_expected_stay_is_named_after_the_present() {
    let (mut planned, _) = in_bed();
    planned.status = Some("Planned".into());
    planned.date = Some("2026-12-05".into());
    ends(&mut planned, "");
    if let Detail::Encounter { ended, .. } = &mut planned.detail {
        *ended = None;
    }
    let expected = "no current stay is recorded at St Hilda's. Expected 05-Dec-2026 (St Hilda's, ward messages).";
    assert_eq!(text(vec![planned]), expected);
}

#[test]
fn other_kinds_of_stays_are_named() {
    let at_home = ward_stay(|entry, _| of_class("Hospital at home", entry));
    assert!(text(vec![at_home]).starts_with("hospital at home: J27, bay C, bed 4, since"));
}

#[test]
fn a_death_that_only_a_hospital_reports_is_shown_as_unconfirmed() {
    let dead = || {
        ward_stay(|entry, stay| {
            ends(entry, "2026-11-26T04:00:00Z");
            stay.died = true;
        })
    };
    let sources = || hospital(SourceState::HasData);
    let remark = unconfirmed_death(&record(sources(), vec![dead()], false)).unwrap();
    assert!(remark.warns);
    assert_eq!(
        remark.text,
        "reported as died on 26-Nov-2026 04:00 by St Hilda's, ward messages, last message 26-Nov-2026 11:05, not confirmed."
    );
    assert_eq!(unconfirmed_death(&record(sources(), vec![dead()], true)), None, "the authority confirms it");
    let mut protected = record(sources(), vec![dead()], false);
    protected.location_protected = true;
    assert_eq!(
        unconfirmed_death(&protected).unwrap().text,
        "reported as died on 26-Nov-2026 04:00 by a hospital, last message 26-Nov-2026 11:05, not confirmed.",
        "the hospital's name would reveal the location"
    );
}
