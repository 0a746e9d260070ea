//! What a prepared item gives equals what the plain rules read, the first time and every later time.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::marker_items::item_with_markers;

const CODES: [&str; 6] = ["N", "R", "PSY", "HIV", "STD", "a label of tomorrow"];

fn system(id: &str, name: &str, kind: &str) -> System {
    serde_json::from_value(json!({
        "id": id, "name": name, "organisation": "A1", "base_url": "", "kind": kind, "authority": false, "discreet": false,
        "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false, "feed": null }))
    .unwrap()
}

fn labelled(mut value: Value, code: &str) -> Item {
    value["meta"]["security"] = json!([{ "code": code }]);
    Item::from_trusted(value)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_prepared_item_gives_what_the_plain_rules_read_each_time(
        seed in any::<u64>(),
        which in 0..ResourceType::ALL.len(),
        code in 0..CODES.len(),
        read_as in 0..ResourceType::ALL.len(),
    ) {
        let resource_type = ResourceType::ALL[which];
        let item = labelled(item_with_markers(resource_type, "planted", "7", seed), CODES[code]);
        let prepared = PreparedItem::from(item.clone());
        let systems = [
            system("h", "Hospital", "hospital"),
            system("h", "Hospital", "gp"),
            system("h", "Renamed", "hospital"),
            system("other", "Hospital", "hospital"),
        ];
        // The map of an answer and the resource may name different types.
        for resource_type in [resource_type, ResourceType::ALL[read_as], resource_type] {
            let labels = sensitivity::labels_of(resource_type, item.value());
            prop_assert_eq!(prepared.labels(resource_type).into_owned(), labels);
            for (system, now) in systems.iter().zip([0, 2_000_000_000, 0, 1]) {
                for _ in 0..2 {
                    let plain = entry::read_item(resource_type, &item, system, at(now));
                    prop_assert!(prepared.entries(resource_type, system, at(now)) == plain, "{}", resource_type.as_str());
                }
            }
        }
    }
}

#[test]
fn the_entries_of_a_person_are_read_anew_because_an_address_ends() {
    let address = json!([{ "use": "home", "text": "1 Old Road", "period": { "end": "2026-01-01" } },
        { "use": "home", "text": "2 New Road", "period": { "start": "2026-01-02" } }]);
    let patient = json!({ "resourceType": "Patient", "id": "7", "name": [{ "family": "Test" }], "address": address });
    let item = Item::from_trusted(patient);
    let (prepared, system) = (PreparedItem::from(item.clone()), system("h", "Hospital", "hospital"));
    for now in ["2025-06-01T12:00:00Z", "2026-06-01T12:00:00Z"] {
        let now: Timestamp = now.parse().unwrap();
        let plain = entry::read_item(ResourceType::Patient, &item, &system, now);
        assert!(prepared.entries(ResourceType::Patient, &system, now) == plain, "at {now}");
    }
}

proptest! {
    #[test]
    fn the_entries_of_a_person_are_right_at_every_time(
        periods in prop::collection::vec((2020..2024i16, 1..4i16, any::<bool>(), any::<bool>()), 0..5),
        times in prop::collection::vec((2019..2029i16, 1..13i8), 1..8),
    ) {
        let period = |(start, years, starts, ends): &(i16, i16, bool, bool)| {
            let mut period = json!({});
            if *starts {
                period["start"] = json!(format!("{start}-03"));
            }
            if *ends {
                period["end"] = json!(format!("{}", start + years));
            }
            period
        };
        let name = |(at, one): (usize, _)| json!({ "family": format!("Name{at}"), "period": period(one) });
        let names: Vec<Value> = periods.iter().enumerate().map(name).collect();
        let telecom = |one| json!({ "system": "phone", "value": "0113", "period": period(one) });
        let telecoms: Vec<Value> = periods.iter().rev().map(telecom).collect();
        let patient = json!({ "resourceType": "Patient", "id": "7", "name": names, "telecom": telecoms });
        let item = Item::from_trusted(patient);
        let (prepared, system) = (PreparedItem::from(item.clone()), system("h", "Hospital", "hospital"));
        for (year, month) in times {
            let now: Timestamp = format!("{year}-{month:02}-15T12:00:00Z").parse().unwrap();
            let plain = entry::read_item(ResourceType::Patient, &item, &system, now);
            prop_assert!(prepared.entries(ResourceType::Patient, &system, now) == plain, "at {now}");
        }
    }
}

#[test]
fn entries_are_read_once_while_no_period_begins_or_ends() {
    let name = json!([{ "family": "Test", "period": { "start": "2025-01-01", "end": "2026-12-31" } }]);
    let patient = Item::from_trusted(json!({ "resourceType": "Patient", "id": "7", "name": name }));
    let (prepared, system) = (PreparedItem::from(patient), system("h", "Hospital", "hospital"));
    let is_shared = |now: &str| {
        let read = prepared.read_entries(ResourceType::Patient, &system, now.parse().unwrap());
        matches!(read, Cow::Borrowed(_))
    };
    assert!(is_shared("2026-06-01T12:00:00Z"));
    assert!(is_shared("2025-01-01T00:00:00Z"), "from the first moment");
    assert!(is_shared("2026-12-31T23:59:59Z"), "to the last moment");
    assert!(!is_shared("2024-12-31T23:59:59Z"), "before the name began");
    assert!(!is_shared("2027-01-01T00:00:00Z"), "after the name ended");
}

#[test]
fn relations_and_organisations_follow_from_the_item_under_whatever_type_it_is_read() {
    let report = json!({ "resourceType": "DiagnosticReport", "id": "1", "status": "entered-in-error",
        "performer": [{ "type": "Organization", "identifier": { "value": "Y1" }, "display": "Beckside Surgery" }],
        "result": [{ "reference": "Observation/2" }] });
    let (prepared, system) = (PreparedItem::from(Item::from_trusted(report)), system("h", "Hospital", "hospital"));
    for resource_type in [ResourceType::Observation, ResourceType::DiagnosticReport, ResourceType::Flag] {
        drop(prepared.entries(resource_type, &system, at(0)));
        assert_eq!(prepared.id(), "1");
        assert!(prepared.relations().is_entered_in_error);
        assert_eq!(prepared.relations().results().collect::<Vec<_>>(), ["Observation/2"]);
        let named: Vec<_> =
            prepared.organisations().iter().map(|one| (one.code.as_deref(), one.name.as_deref())).collect();
        assert_eq!(named, [(Some("Y1"), Some("Beckside Surgery"))]);
        assert!(!prepared.is_denied(resource_type, &system, at(0)), "no allergy or problem");
    }
}

#[test]
fn an_item_is_denied_exactly_if_a_denied_entry_is_read_of_it() {
    let system = system("h", "Hospital", "hospital");
    for resource_type in [ResourceType::AllergyIntolerance, ResourceType::Condition] {
        for status in ["confirmed", "refuted", "entered-in-error", "unconfirmed"] {
            let value = json!({ "resourceType": resource_type.as_str(), "id": status, "code": { "text": "Latex" },
                "verificationStatus": { "coding": [{ "code": status }] } });
            let prepared = PreparedItem::from(Item::from_trusted(value));
            let read = entry::read_denied(resource_type, &prepared, &system, at(0));
            for _ in 0..2 {
                assert_eq!(prepared.is_denied(resource_type, &system, at(0)), read.is_some(), "{status}");
            }
        }
    }
}

#[test]
fn a_changed_copy_of_the_entries_changes_nothing_for_the_next_view() {
    let flag = json!({ "resourceType": "Flag", "id": "1", "status": "active", "code": { "text": "Falls" } });
    let (prepared, system) = (PreparedItem::from(Item::from_trusted(flag)), system("h", "Hospital", "hospital"));
    let read = || prepared.entries(ResourceType::Flag, &system, at(0));
    read().entries[0].title.clear();
    assert_eq!(read().entries[0].title, "Falls");
    assert_eq!(format!("{prepared:?}"), "PreparedItem(Flag)", "no content is printed");
}
