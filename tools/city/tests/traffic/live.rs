//! Tests of live traffic: every trigger event, every fault, the rate.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use lcr_city::OutgoingMessage;

use super::{code, now, read, traffic, trigger};

/// Eight hours of live traffic at twenty messages a minute.
pub(super) fn live_messages(people: u32) -> Vec<OutgoingMessage> {
    traffic(people).live(now(), 20.0).take(9600).collect()
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
