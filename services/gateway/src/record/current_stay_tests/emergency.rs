//! Tests of emergency attendances, and of visits whose kind is unknown.

use super::*;

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
