//! The hospital's messages are HL7 v2.4 with the fields that feeds needs (`services/feeds/PROFILE.md`), and say the same as the
//! groups.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use lcr_hl7::{Header, Message, Segment, time};

use super::*;
use crate::care::Care;
use crate::plan::Source;
use crate::world::{CastMember, CastRole};

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn care_at(now: Timestamp) -> Care {
    Care::of(Arc::new(World::new(2026, 2000, now)))
}

fn read(message: &OutgoingMessage) -> Message {
    let read = Message::read(&message.bytes).expect("HL7");
    assert_eq!(read.first_malformed_line(), None);
    read
}

fn code(message: &Message, segment: &str, field: usize) -> String {
    message.field(segment, field).code().unwrap_or_default()
}

fn component(segment: Segment<'_>, field: usize, component: usize) -> String {
    segment.field(field).first().and_then(|one| one.component(component)).unwrap_or_default()
}

fn event(message: &Message) -> String {
    Header::of(message).message_type()
}

/// The number of the appointment or the referral.
fn number(message: &Message) -> String {
    if Header::of(message).code == "SIU" { code(message, "SCH", 2) } else { code(message, "RF1", 6) }
}

fn names(message: &Message) -> Vec<&str> {
    message.segments().map(Segment::name).collect()
}

#[test]
fn every_message_has_the_header_and_the_patient_of_the_hospital() {
    let care = care_at(noon());
    let mut controls = HashSet::new();
    let messages = care.hospital_messages(noon());
    for one in &messages {
        let message = read(one);
        let header = Header::of(&message);
        assert_eq!(
            (one.system, header.application.as_str(), header.facility.as_str()),
            ("st-hildas", "HILDAPAS", "Z9H01")
        );
        assert_eq!((header.version.as_str(), header.processing_id.as_str()), ("2.4", "P"));
        assert!(header.control_id.chars().count() <= 20 && controls.insert(header.control_id.clone()), "one id each");
        assert_eq!(time::parse_timestamp(&code(&message, "MSH", 7)), Some(one.due));
        assert!(one.due <= noon(), "from the past");
        let pid = message.first_segment("PID").unwrap();
        assert_eq!((component(pid, 3, 4), component(pid, 3, 5)), ("Z9H01".to_owned(), "MR".to_owned()));
        let index = care.world.by_local_id(Source::StHildas, &component(pid, 3, 1)).expect("a patient there");
        let person = CastMember::of(&care.world, index);
        assert_eq!(component(pid, 5, 1), person.family);
        assert_eq!(component(pid, 7, 1), person.birth_date.replace('-', ""));
        let national = pid.field(3).repetitions().find(|id| id.component(4).as_deref() == Some("NHS")).unwrap();
        let national = national.component(1).unwrap();
        lcr_model::NhsNumber::parse(&national).expect("a true check digit");
        assert_eq!(Some(national), person.nhs_number);
    }
    let events: HashSet<String> = messages.iter().map(|one| event(&read(one))).collect();
    let expected = ["SIU^S12", "SIU^S15", "REF^I12"].map(str::to_owned);
    assert_eq!(events, expected.into_iter().collect::<HashSet<String>>());
}

#[test]
fn a_booking_names_the_clinics_organisation_and_its_start() {
    let care = care_at(noon());
    let bookings: Vec<Message> = care.hospital_messages(noon()).iter().map(read).collect();
    let bookings: Vec<&Message> = bookings.iter().filter(|one| event(one) == "SIU^S12").collect();
    let mut people = HashSet::new();
    for message in &bookings {
        assert_eq!(names(message), ["MSH", "SCH", "PID", "RGS", "AIS", "AIL"]);
        let (sch, ais) = (message.first_segment("SCH").unwrap(), message.first_segment("AIS").unwrap());
        assert_eq!(component(message.first_segment("AIL").unwrap(), 3, 4), "Z9H01");
        assert_eq!(component(ais, 3, 2), "Cardiology clinic");
        let [start, end] = [4, 5].map(|part| time::parse_timestamp(&component(sch, 11, part)).unwrap());
        assert_eq!(start.duration_until(end).as_mins(), 20);
        assert_eq!(care.world.in_london(start).date(), care.world.today);
        assert_eq!((component(sch, 11, 4), code(message, "SCH", 25)), (component(ais, 4, 1), "Booked".to_owned()));
        assert!(people.insert(number(message)), "one appointment each");
    }
    assert_eq!(bookings.len(), care.people_of("Z9H01").len() + 1, "one is cancelled");
}

#[test]
fn an_accepted_referral_names_its_receiver() {
    let messages: Vec<Message> = care_at(noon()).hospital_messages(noon()).iter().map(read).collect();
    let referrals: Vec<&Message> = messages.iter().filter(|one| event(one) == "REF^I12").collect();
    assert_eq!(referrals.len(), 1);
    let message = referrals[0];
    assert_eq!(names(message), ["MSH", "RF1", "PRD", "PRD", "PID"]);
    assert_eq!((code(message, "RF1", 1), code(message, "PID", 5)), ("A".to_owned(), "Hallam".to_owned()));
    assert!(!number(message).is_empty());
    let made = time::parse_timestamp(&code(message, "RF1", 7)).unwrap();
    assert_eq!(made.to_string(), "2026-11-19T11:00:00Z", "three days ago");
    let providers: HashMap<String, (String, String)> = message
        .segments_named("PRD")
        .map(|prd| (component(prd, 1, 1), (component(prd, 7, 1), component(prd, 7, 2))))
        .collect();
    let ods = |code: &str| (code.to_owned(), "ODS".to_owned());
    assert_eq!(providers, HashMap::from([("RP".to_owned(), ods("Z9H01")), ("RT".to_owned(), ods("Z9T01"))]));
}

#[test]
fn the_wrong_twins_appointment_is_booked_and_then_cancelled() {
    let care = care_at(noon());
    let all = care.hospital_messages(noon());
    assert!(all.is_sorted_by_key(|one| one.due), "in the order in which they are sent");
    let twin = care.world.local_id(Source::StHildas, CastRole::TwinA as u32);
    let about = |message: &Message| component(message.first_segment("PID").unwrap(), 3, 1) == twin;
    let hers: Vec<Message> = all.iter().map(read).filter(about).collect();
    assert_eq!(hers.iter().map(event).collect::<Vec<_>>(), ["SIU^S12", "SIU^S15"]);
    assert_eq!(number(&hers[0]), number(&hers[1]));
    assert!(code(&hers[0], "MSH", 7) < code(&hers[1], "MSH", 7));
    assert_eq!(code(&hers[1], "SCH", 25), "Cancelled");
    let index = CastRole::TwinA as u32;
    assert!(care.people_of("Z9H01").iter().all(|person| person.index != index), "the clinic does not expect her");
}

#[test]
fn the_messages_are_the_same_bytes_on_one_day_and_newer_ones_tomorrow() {
    let (care, later) = (care_at(noon()), "2026-11-22T18:00:00Z".parse().unwrap());
    let today = care.hospital_messages(noon());
    assert_eq!(today, care.hospital_messages(later));
    let at = "2026-11-23T12:00:00Z".parse().unwrap();
    let tomorrow = care_at(at).hospital_messages(at);
    assert_eq!(today.len(), tomorrow.len());
    for (before, after) in today.iter().zip(&tomorrow) {
        let (before, after) = (read(before), read(after));
        assert_eq!((event(&before), number(&before)), (event(&after), number(&after)));
        assert!(code(&before, "MSH", 7) < code(&after, "MSH", 7));
        assert_ne!(code(&before, "MSH", 10), code(&after, "MSH", 10), "a control id is used once");
    }
}

#[test]
fn a_cancellation_has_the_number_of_what_it_cancels_and_is_newer() {
    let care = care_at(noon());
    for (organisation, begin, end) in [("Z9H01", "SIU^S12", "SIU^S15"), ("Z9T01", "REF^I12", "REF^I14")] {
        let cancelled = read(&care.cancel("hallam", organisation, noon()).unwrap());
        assert_eq!((event(&cancelled).as_str(), code(&cancelled, "PID", 5).as_str()), (end, "Hallam"));
        let sent: Vec<Message> = care.hospital_messages(noon()).iter().map(read).collect();
        let before = sent.iter().find(|one| event(one) == begin && number(one) == number(&cancelled)).unwrap();
        assert!(code(before, "MSH", 7) < code(&cancelled, "MSH", 7));
    }
    assert!(care.cancel("osei", "Z9H01", noon()).is_none(), "she has no appointment");
    assert!(care.cancel("fredrica", "Z9S01", noon()).is_none(), "a caseload ends by a Bundle");
    assert!(care.end("hallam", "Z9H01", noon()).is_none(), "an appointment ends by a message");
    assert!(care.messages(noon()).iter().all(|one| one.system != "st-hildas"), "nothing is sent twice");
}
