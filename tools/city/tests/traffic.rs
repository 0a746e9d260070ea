//! The messages of the city's hospitals: valid HL7 v2.4 about known people, a history of realistic size, and live traffic
//! with every kind of message and fault.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "traffic/cast.rs"]
mod cast;
#[path = "traffic/live.rs"]
mod live;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use lcr_city::{OutgoingMessage, Step, Traffic};
use lcr_hl7::{Header, Message};
use live::live_messages;

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn traffic(people: u32) -> Traffic {
    Traffic::new(7, people, now())
}

fn read(one: &OutgoingMessage) -> Message {
    let message = Message::read(&one.bytes).expect("HL7");
    assert_eq!(message.first_malformed_line(), None);
    message
}

fn code(message: &Message, segment: &str, field: usize) -> String {
    message.field(segment, field).code().unwrap_or_default()
}

fn trigger(message: &Message) -> String {
    let kind = message.field("MSH", 9).first().unwrap();
    format!("{} {}", kind.component(1).unwrap(), kind.component(2).unwrap())
}

#[track_caller]
fn assert_complete(one: &OutgoingMessage) {
    let message = read(one);
    let (text, trigger) = (String::from_utf8(one.bytes.clone()).unwrap(), trigger(&message));
    let sender = (code(&message, "MSH", 3), code(&message, "MSH", 4));
    let known = [
        ("st-hildas", "HILDAPAS", "Z9H01"),
        ("wharfe-valley", "WHARFEPAS", "Z9H02"),
        ("community", "AIREBEDS", "Z9C01"),
        ("mental-health", "NORTHGATE", "Z9M01"),
    ];
    assert!(known.iter().any(|(id, a, f)| (*id, *a, *f) == (one.system, &sender.0, &sender.1)), "{sender:?}");
    assert_eq!((code(&message, "MSH", 11), code(&message, "MSH", 12)), ("P".into(), "2.4".into()));
    let control = code(&message, "MSH", 10);
    assert!((1..=20).contains(&control.len()), "{control}");
    for field in [3, 5, 7, 8, 11] {
        assert!(!code(&message, "PID", field).is_empty(), "PID-{field} of {trigger}");
    }
    let ids: Vec<_> = message.field("PID", 3).repetitions().collect();
    assert_eq!(ids[0].component(4).as_deref(), Some(sender.1.as_str()));
    for number in ids.iter().filter(|one| one.component(4).as_deref() == Some("NHS")) {
        let number = number.component(1).unwrap();
        lcr_model::NhsNumber::parse(&number).expect("a true check digit");
        assert!(number == "9434765919" || number.as_str() >= "9500000000", "of a range that is never issued");
    }
    let needs: &[&str] = match trigger.split(' ').next().unwrap() {
        "ORU" if code(&message, "OBR", 4) == "INR" => &["OBR", "OBX"],
        "ORU" => &["PV1", "OBR", "OBX"],
        "MDM" => &["EVN", "PV1", "TXA", "OBX"],
        _ if trigger == "ADT A40" => &["EVN", "MRG"],
        _ => &["EVN", "PV1"],
    };
    assert!(needs.iter().all(|name| message.first_segment(name).is_some()), "{text}");
    let without_stay = ["ADT A28", "ADT A31", "ADT A40"].contains(&trigger.as_str()) || !needs.contains(&"PV1");
    assert!(without_stay || !code(&message, "PV1", 19).is_empty(), "{text}");
    assert!(trigger != "ADT A03" || !code(&message, "PV1", 45).is_empty());
    let times = [("MSH", 7), ("EVN", 2), ("EVN", 6), ("PV1", 44), ("PV1", 45)];
    for (segment, field) in times {
        let time = code(&message, segment, field);
        assert!(time.is_empty() || (time.len() == 14 && !time.contains(['+', 'Z'])), "local, without a zone");
    }
}

#[test]
fn every_message_is_complete_and_about_an_invented_person() {
    for one in traffic(20_000).history().chain(live_messages(20_000)) {
        assert_complete(&one);
    }
}

#[test]
fn the_same_seed_gives_the_same_messages_and_another_seed_others() {
    let bytes = |seed: u64| -> Vec<u8> {
        let traffic = Traffic::new(seed, 3000, now());
        traffic.history().chain(traffic.live(now(), 20.0).take(400)).flat_map(|one| one.bytes).collect()
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn the_history_has_two_in_patients_per_thousand_and_the_discharges_of_28_days() {
    let mut open: HashMap<String, bool> = HashMap::new();
    for one in traffic(100_000).history() {
        assert!(one.due <= now(), "future messages belong to live traffic");
        let message = read(&one);
        let visit = code(&message, "PV1", 19);
        let left = trigger(&message) == "ADT A03";
        let entry = open.entry(visit).or_insert(false);
        *entry |= left;
    }
    let in_hospital = open.values().filter(|left| !**left).count();
    let discharged = open.len() - in_hospital;
    assert!((170..270).contains(&in_hospital), "{in_hospital} in hospital");
    assert!((400..1200).contains(&discharged), "{discharged} left within 28 days");
}

#[test]
fn the_history_is_made_on_demand_and_has_a_maximum_size() {
    let mut first = traffic(817_000).history();
    assert!(first.next().is_some(), "nothing was collected to begin");
    let largest = traffic(9_000_000).history().skip(50).take(500);
    assert_eq!(largest.count(), 500);
}

#[test]
fn nobody_is_in_two_beds_and_control_ids_are_unique() {
    let (mut beds, mut ids) = (HashMap::new(), HashSet::new());
    for one in traffic(50_000).history() {
        let message = read(&one);
        assert!(ids.insert((one.system, code(&message, "MSH", 10))), "a control id is used twice");
        let visit = code(&message, "PV1", 19);
        let who = code(&message, "PID", 3);
        assert_eq!(*beds.entry(visit).or_insert_with(|| who.clone()), who, "a visit is one person's");
    }
}

#[test]
fn tomorrows_city_continues_todays_stays() {
    let of = |at: &str| {
        let world = Traffic::new(7, 20_000, at.parse().unwrap());
        let of_beds = world.history().filter(|one| !code(&read(one), "PV1", 19).contains("V9"));
        of_beds.map(|one| one.bytes).collect::<HashSet<Vec<u8>>>()
    };
    let (today, tomorrow) = (of("2026-11-22T12:00:00Z"), of("2026-11-23T12:00:00Z"));
    let unchanged = today.intersection(&tomorrow).count();
    assert!(unchanged * 10 > today.len() * 8, "{unchanged} of {} are the same to the byte", today.len());
}

/// The resident memory of this process in megabytes. None if the system does not report it.
fn memory_megabytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(text.split(' ').nth(1)?.parse::<u64>().ok()? * 4 / 1024)
}

#[test]
fn memory_does_not_grow_with_the_city() {
    let traffic = traffic(817_000);
    let read_all = || {
        let history = traffic.history().take(20_000).map(|one| one.bytes.len()).sum::<usize>();
        history + traffic.live(now(), 160.0).take(5000).map(|one| one.bytes.len()).sum::<usize>()
    };
    let Some(before) = memory_megabytes() else {
        println!("SKIPPED: this system does not report the memory of a process");
        return;
    };
    let bytes = read_all();
    let growth = memory_megabytes().unwrap().saturating_sub(before);
    assert!(bytes > 5_000_000 && growth < 16, "{growth} MB more after {bytes} bytes of messages");
}
