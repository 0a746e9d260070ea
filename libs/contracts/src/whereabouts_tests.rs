//! Tests of the rules about where a person is: every kind of visit, and every way to write a place.

use super::{visit_kind::CLASSES, *};
use crate::spell::Place;

fn now() -> Timestamp {
    "2026-11-29T03:00:00Z".parse().unwrap()
}

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

fn open(kind: Option<VisitKind>, attends: Option<bool>, started: &str) -> Visit {
    let answered = attends.is_none();
    Visit { kind, attends, answered, in_progress: true, started: Some(moment(started)), ..Visit::default() }
}

#[test]
fn class_state_and_time_decide_where_a_person_is() {
    use VisitKind::{CommunityBed, DayCase, Emergency, InPatient, OutPatient, RegularAttender};
    let recent = "2026-11-29T01:00:00Z";
    let left = moment("2026-11-28T10:00:00Z");
    for (what, visit, expected) in [
        ("a bed by ward messages", open(Some(InPatient), Some(false), recent), Whereabouts::InHospital(InPatient)),
        ("a bed by the answer alone", open(Some(InPatient), None, "2026-11-01"), Whereabouts::InHospital(InPatient)),
        ("a bed of unknown class", open(None, Some(false), recent), Whereabouts::InHospital(InPatient)),
        ("registered as an in-patient", open(Some(InPatient), Some(true), recent), Whereabouts::InHospital(InPatient)),
        ("admitted to the department", open(Some(Emergency), Some(false), "2026-11-20"), Whereabouts::InEmergency),
        ("a day case", open(Some(DayCase), Some(false), recent), Whereabouts::InHospital(DayCase)),
        ("a community bed", open(Some(CommunityBed), None, recent), Whereabouts::InHospital(CommunityBed)),
        ("emergency by ward messages", open(Some(Emergency), Some(true), recent), Whereabouts::InEmergency),
        ("emergency by the answer alone", open(Some(Emergency), None, "2026-11-28"), Whereabouts::InEmergency),
        ("emergency that the answer says goes on", open(Some(Emergency), None, "2026-11-20"), Whereabouts::InEmergency),
        ("by messages alone, long ago", open(Some(Emergency), Some(true), "2026-11-20"), Whereabouts::NotKnown),
        ("by messages and the answer", Visit { answered: true, ..open(Some(Emergency), Some(true), "2026-11-20") }, {
            Whereabouts::InEmergency
        }),
        ("a clinic", open(Some(OutPatient), Some(true), recent), Whereabouts::AtClinic),
        ("dialysis", open(Some(RegularAttender), Some(true), recent), Whereabouts::AtClinic),
        ("a class that nobody knows", open(None, None, recent), Whereabouts::InVisitOfUnknownKind),
        ("a class that nobody knows, long ago", open(None, None, "2026-11-01"), Whereabouts::InVisitOfUnknownKind),
        ("an unknown class by messages alone", open(None, Some(true), recent), Whereabouts::AtClinic),
        ("planned", Visit { planned: true, in_progress: false, ..open(Some(InPatient), None, recent) }, {
            Whereabouts::Expected
        }),
        ("ended", Visit { in_progress: false, ended: Some(left), ..open(Some(InPatient), None, recent) }, {
            Whereabouts::Left(left)
        }),
        (
            "an end in the future is a plan",
            Visit { ended: Some(moment("2026-11-30")), ..open(None, Some(false), recent) },
            { Whereabouts::InHospital(InPatient) },
        ),
        ("neither open nor ended", Visit { in_progress: false, ..open(Some(InPatient), None, recent) }, {
            Whereabouts::NotKnown
        }),
    ] {
        assert_eq!(visit.whereabouts(now()), expected, "{what}");
    }
}

#[test]
fn an_attendance_known_from_messages_lapses_a_day_after_its_last_movement() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let attends = open(Some(VisitKind::Emergency), Some(true), "2026-11-27T20:00:00Z");
    let moved = |text: &str| Visit { last_movement: Some(at(text)), ..attends };
    for (what, visit, expected) in [
        ("moved an hour ago", moved("2026-11-29T02:00:00Z"), Whereabouts::InEmergency),
        ("moved almost a day ago", moved("2026-11-28T03:00:01Z"), Whereabouts::InEmergency),
        ("moved a day ago", moved("2026-11-28T03:00:00Z"), Whereabouts::NotKnown),
        ("an earlier version sent no movement", attends, Whereabouts::NotKnown),
        ("the end is planned", Visit { ended: Some(moment("2026-11-30")), ..attends }, Whereabouts::InEmergency),
    ] {
        assert_eq!(visit.whereabouts(now()), expected, "{what}");
    }
    assert_eq!(attendance_until(Timestamp::MAX, None), Timestamp::MAX);
}

#[test]
fn every_class_has_one_kind_and_its_words_read_back() {
    let mut seen = std::collections::BTreeSet::new();
    for (kind, classes) in CLASSES {
        assert_eq!(VisitKind::of_class(kind.words()), Some(kind));
        for class in classes {
            assert!(seen.insert(*class), "{class} has two kinds");
            assert_eq!(VisitKind::of_class(&format!(" {} ", class.to_lowercase())), Some(kind));
        }
    }
    assert_eq!(VisitKind::of_class("U"), None);
}

#[test]
fn a_class_in_other_words_is_an_in_patient_if_it_says_so() {
    let bed = Some(VisitKind::InPatient);
    for (class, kind) in [
        ("Inpatient stay", bed),
        ("Acute inpatient", bed),
        ("inpatient (psychiatric)", bed),
        ("In-patient, emergency admission", bed),
        ("observation encounter", bed),
        ("Observation encounter, short stay unit", bed),
        ("Inpatient waiting list", None),
        ("Pre-inpatient assessment", None),
        ("Inpatient referral", None),
        ("Inpatient TCI", None),
        ("Inpatient booking", None),
        ("Booked inpatient", None),
        ("Inpatient follow-up", None),
        ("Discharged inpatient", None),
        ("Inpatient list", None),
        ("Not an inpatient", None),
        ("Outpatient visit", None),
        ("Inpatient or outpatient", None),
        ("Non-acute inpatient stay", bed),
        ("Observation", None),
        ("Contact", None),
        ("", None),
        ("Home visit", Some(VisitKind::OutPatient)),
        ("Telephone or video", Some(VisitKind::OutPatient)),
    ] {
        assert_eq!(VisitKind::of_class(class), kind, "{class}");
    }
}

#[test]
fn a_place_names_ward_bay_and_bed_once_each() {
    let place = |ward: &str, bay: &str, bed: &str, name: Option<&str>| {
        let some = |text: &str| Some(text.to_owned());
        PlaceWords::of(&Place {
            site: None,
            ward: some(ward),
            bay: some(bay),
            bed: some(bed),
            ward_name: name.map(ToOwned::to_owned),
        })
        .within_site()
    };
    assert_eq!(place("J27", "C", "4", None).as_deref(), Some("J27, bay C, bed 4"));
    assert_eq!(place(" J27", "Bay C", "Bed 4", None).as_deref(), Some("J27, Bay C, Bed 4"));
    assert_eq!(place("J27", "", "4", Some("Cardiology")).as_deref(), Some("Cardiology, bed 4"));
    assert_eq!(place("", " ", "", None), None);
}

#[test]
fn the_spelling_of_a_ward_does_not_matter() {
    for text in ["J27", " j27 ", "Ward J27", "ward  j27"] {
        assert_eq!(place_key(text), "J27", "{text}");
    }
    assert_eq!(place_key("Ward"), "WARD");
}

#[test]
fn a_surname_that_begins_with_ward_is_kept_whole() {
    assert_eq!(name_key(" Ward  Smith"), "WARD SMITH");
    assert_ne!(name_key("Ward Smith"), name_key("Smith"));
    assert_eq!(name_key("Dr  T.  Moss"), "DR T. MOSS");
}
