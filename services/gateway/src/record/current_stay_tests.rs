//! Tests of where the banner says the person is. (S-49 to S-59, Q-05)

use lcr_contracts::record::{DatasetReport, Demographics, Provenance, Section, SourceReport};
use lcr_model::{OdsCode, PersonId, SourceId, SourceState, ViewId};

use super::*;

fn now() -> Timestamp {
    "2026-11-29T10:00:00Z".parse().unwrap()
}

fn source(id: &str, kind: &str, state: SourceState) -> SourceReport {
    SourceReport {
        source: SourceId::new(id),
        name: id.into(),
        organisation: OdsCode::new("A1"),
        kind: kind.into(),
        datasets: vec![DatasetReport::new(Dataset::Encounters, state)],
        warnings: vec![],
        shares_anything: None,
        knows_person: None,
        organisation_name: None,
    }
}

fn record(sources: Vec<SourceReport>, stays: Vec<Entry>, confirmed: bool) -> Record {
    let died = confirmed.then(|| "2026-11-26".to_owned());
    let authority = Entry {
        detail: Detail::Demographics(Box::new(Demographics { died, ..Demographics::default() })),
        provenance: vec![from("Authority", "authority")],
        ..Entry::default()
    };
    Record {
        person: PersonId::new(),
        view: ViewId::new(),
        as_of: now(),
        complete: true,
        relationship: None,
        location_protected: false,
        sources,
        sections: vec![
            Section { dataset: Dataset::Demographics, entries: vec![authority] },
            Section { dataset: Dataset::Encounters, entries: stays },
        ],
        discrepancies: vec![],
        not_shown: vec![],
        may_hold_more: false,
    }
}

fn from(name: &str, kind: &str) -> Provenance {
    Provenance {
        source: SourceId::new("h"),
        name: name.into(),
        kind: kind.into(),
        item: "Encounter/1".into(),
        updated: None,
        date: None,
        says: None,
        organisation_name: None,
    }
}

fn in_bed() -> (Entry, WardStay) {
    let detail = Detail::Encounter {
        class: "In-patient".into(),
        place: Some("J27, bay C, bed 4".into()),
        ended: None,
        in_progress: true,
    };
    let entry = Entry {
        date: Some("2026-11-19".into()),
        detail,
        provenance: vec![from("St Hilda's, ward messages", "hospital")],
        ..Entry::default()
    };
    let stay = WardStay {
        attends: false,
        on_leave: false,
        destination: None,
        died: false,
        last_message_at: "2026-11-26T11:05:00Z".parse().unwrap(),
        last_movement: None,
        warnings: vec![],
    };
    (entry, stay)
}

fn ward_stay(change: impl FnOnce(&mut Entry, &mut WardStay)) -> Entry {
    let (mut entry, mut stay) = in_bed();
    change(&mut entry, &mut stay);
    Entry { stay: Some(stay), ..entry }
}

fn ends(entry: &mut Entry, at: &str) {
    if let Detail::Encounter { ended, in_progress, .. } = &mut entry.detail {
        (*ended, *in_progress) = (Some(at.into()), false);
    }
}

fn hospital(state: SourceState) -> Vec<SourceReport> {
    vec![
        source("St Hilda's", "hospital", state),
        source("Children's social care", "social-care", SourceState::NotAgreed),
    ]
}

fn text(stays: Vec<Entry>) -> String {
    current_stay(&record(hospital(SourceState::HasData), stays, false), now()).text
}

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

fn of_class(class: &str, entry: &mut Entry) {
    if let Detail::Encounter { class: words, .. } = &mut entry.detail {
        *words = class.into();
    }
}

/// The label and the text, with a second hospital that does not answer.
fn line(stay: Entry) -> (String, String) {
    let mut sources = hospital(SourceState::HasData);
    sources.push(source("Wharfe Valley", "hospital", SourceState::TimedOut));
    let remark = current_stay(&record(sources, vec![stay], false), now());
    (remark.label, remark.text)
}

#[test]
fn an_emergency_attendance_is_shown_and_a_clinic_is_not() {
    let attends = |words: &str, began: &str| {
        line(ward_stay(|entry, stay| {
            stay.attends = true;
            entry.date = Some(began.into());
            of_class(words, entry);
        }))
    };
    let (label, text) = attends("Emergency department", "2026-11-29T03:05:00Z");
    assert_eq!(label, "In the emergency department");
    assert!(text.starts_with("J27, bay C, bed 4, since 29-Nov-2026 03:05 (St Hilda's"), "{text}");
    let unknown = "not known; Wharfe Valley has not answered.";
    assert_eq!(attends("Appointment", "2026-11-29T03:05:00Z"), ("In hospital".into(), unknown.into()));
    assert_eq!(attends("Emergency department", "2026-11-20").1, unknown, "nine days ago, and no end was sent");
}

#[test]
fn an_attendance_is_shown_for_a_day_after_its_last_movement() {
    let moved = |at: &str| {
        line(ward_stay(|entry, stay| {
            (stay.attends, stay.last_movement) = (true, Some(at.parse().unwrap()));
            of_class("Emergency department", entry);
        }))
        .0
    };
    assert_eq!(moved("2026-11-28T11:00:00Z"), "In the emergency department", "it began ten days ago");
    assert_eq!(moved("2026-11-28T10:00:00Z"), "In hospital");
}

#[test]
fn an_emergency_attendance_that_only_the_record_system_reports_is_shown() {
    let (mut answered, _) = in_bed();
    of_class("Emergency department", &mut answered);
    answered.date = Some("2026-11-29".into());
    let (label, text) = line(answered.clone());
    assert_eq!(label, "In the emergency department");
    assert!(text.ends_with("J27, bay C, bed 4, since 29-Nov-2026."), "{text}");
    answered.provenance[0].kind = "gp".into();
    assert_eq!(line(answered).0, "In hospital", "a practice has no emergency department");
}

#[test]
fn a_visit_that_the_hospital_answers_as_open_is_never_no_current_stay() {
    let answered = |class: &str, began: &str| {
        let (mut answered, _) = in_bed();
        of_class(class, &mut answered);
        answered.date = Some(began.into());
        answered.provenance[0].name = "St Hilda's".into();
        answered
    };
    let place = "St Hilda's, J27, bay C, bed 4, since";
    for (class, words) in [
        ("Inpatient stay", format!("{place} 19-Nov-2026.")),
        ("Acute inpatient", format!("{place} 19-Nov-2026.")),
        ("observation encounter", format!("{place} 19-Nov-2026.")),
        ("Emergency department", format!("{place} 19-Nov-2026.")),
        ("Contact", "not known. Open visit, kind not sent: since 19-Nov-2026, St Hilda's.".to_owned()),
        ("ZZZ (local codes)", "not known. Open visit, kind not known: since 19-Nov-2026, St Hilda's.".to_owned()),
        ("Home visit", "no current stay is recorded at St Hilda's.".to_owned()),
        ("Appointment", "no current stay is recorded at St Hilda's.".to_owned()),
    ] {
        assert_eq!(text(vec![answered(class, "2026-11-19")]), words, "{class}");
    }
    let mut both = ward_stay(|entry, stay| {
        stay.attends = true;
        of_class("Emergency department", entry);
    });
    assert!(text(vec![both.clone()]).starts_with("no current stay"), "an attendance by messages alone lapses");
    both.provenance.insert(0, from("St Hilda's", "hospital"));
    assert!(text(vec![both]).starts_with("J27, bay C, bed 4, since 19-Nov-2026"), "the hospital also answers with it");
}

#[test]
fn an_open_visit_of_unknown_kind_hides_nothing_else() {
    let (mut referral, _) = in_bed();
    of_class("Contact", &mut referral);
    referral.date = Some("2019-03-04".into());
    referral.provenance = vec![Provenance { source: SourceId::new("Community"), ..from("Community", "community") }];
    let open = "Open visit, kind not sent: since 04-Mar-2019, Community.";
    assert_eq!(line(referral.clone()).1, format!("not known; Wharfe Valley has not answered. {open}"));
    let left = ward_stay(|entry, _| ends(entry, "2026-11-27T15:00:00Z"));
    let both = text(vec![referral.clone(), left]);
    assert!(both.starts_with(&format!("not known. {open} Left 27-Nov-2026 15:00 (")), "{both}");
    let in_a_bed = text(vec![referral.clone(), ward_stay(|_, _| ())]);
    assert!(in_a_bed.starts_with("J27, bay C, bed 4, since") && !in_a_bed.contains("2019"), "{in_a_bed}");
    let mut protected = record(hospital(SourceState::HasData), vec![referral.clone()], false);
    protected.location_protected = true;
    assert_eq!(
        current_stay(&protected, now()).text,
        "not known. Open visit, kind not sent: since 04-Mar-2019, location details protected."
    );
    let stale = source("Community", "community", SourceState::Stale { as_of: now() });
    let old = current_stay(&record(vec![stale], vec![referral], false), now()).text;
    assert_eq!(old, "not known; Community has not answered.", "an older copy cannot say that a visit goes on");
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
