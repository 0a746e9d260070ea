//! The messages of the city's hospitals: valid HL7 v2.4 about known people, a history of realistic size, and live traffic
//! with every kind of message and fault.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "traffic/cast.rs"]
mod cast;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use lcr_city::{OutgoingMessage, Step, Traffic};
use lcr_hl7::{Header, Message};

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

/// Eight hours of live traffic at twenty messages a minute.
fn live_messages(people: u32) -> Vec<OutgoingMessage> {
    traffic(people).live(now(), 20.0).take(9600).collect()
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

#[test]
fn live_traffic_has_every_trigger_event_and_every_fault() {
    let mut trigger_counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut bytes, mut controls) = (HashSet::new(), HashMap::<(String, String, String), BTreeSet<String>>::new());
    let mut last_left: HashMap<String, Timestamp> = HashMap::new();
    let (mut repeated_bytes, mut late_transfers, mut died, mut pending, mut day_cases) = (0, 0, 0, 0, 0);
    let mut due = now();
    for one in live_messages(20_000) {
        assert!(one.due >= due, "in the order in which it is sent");
        due = one.due;
        let message = read(&one);
        let (trigger, visit) = (trigger(&message), code(&message, "PV1", 19));
        *trigger_counts.entry(trigger.clone()).or_default() += 1;
        repeated_bytes += usize::from(!bytes.insert(one.bytes.clone()));
        let event = (visit.clone(), trigger.clone(), code(&message, "EVN", 6));
        controls.entry(event).or_default().insert(code(&message, "MSH", 10));
        late_transfers += usize::from(trigger == "ADT A02" && last_left.contains_key(&visit));
        if trigger == "ADT A03" {
            last_left.insert(visit, one.due);
        } else if code(&message, "OBR", 25) == "F" && code(&message, "OBR", 4) == "BC" {
            pending += usize::from(last_left.contains_key(&visit));
        }
        died += usize::from(code(&message, "PV1", 37) == "79" && code(&message, "PID", 30) == "Y");
        day_cases += usize::from(code(&message, "PV1", 2) == "DAY CASE");
    }
    for kind in [
        "ADT A01", "ADT A02", "ADT A03", "ADT A04", "ADT A06", "ADT A08", "ADT A11", "ADT A12", "ADT A13", "ADT A21",
        "ADT A22", "ADT A28", "ADT A31", "ADT A40", "ORU R01", "MDM T02",
    ] {
        assert!(trigger_counts.contains_key(kind), "{kind} in {trigger_counts:?}");
    }
    let repeated_with_new_id = controls.values().filter(|ids| ids.len() > 1).count();
    let all = [repeated_bytes, late_transfers, died, pending, day_cases, repeated_with_new_id];
    assert!(all.iter().all(|count| *count > 3), "{all:?}");
}

#[test]
fn the_rate_is_the_requested_one_and_grows_with_the_city() {
    let messages = traffic(2000).live(now(), 6.0);
    let hours = messages.skip(600).take(1200).map(|one| one.due).collect::<Vec<_>>();
    let minutes = hours[0].duration_until(*hours.last().unwrap()).as_secs_f64() / 60.0;
    let rate = 1200.0 / minutes;
    assert!((4.0..9.0).contains(&rate), "{rate} a minute");
    let usual_rate = |people| lcr_city::messages_per_minute(people);
    assert!(
        (usual_rate(2000) - 6.0).abs() < 0.01 && usual_rate(4000) > usual_rate(2000) && usual_rate(817_000) <= 160.0
    );
}

#[test]
fn live_traffic_of_a_large_city_starts_at_once_and_a_tiny_city_terminates() {
    assert_eq!(traffic(817_000).live(now(), 160.0).take(50).count(), 50);
    assert_eq!(traffic(20).live(now(), 6.0).take(3).count(), 3.min(traffic(20).live(now(), 6.0).take(3).count()));
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
