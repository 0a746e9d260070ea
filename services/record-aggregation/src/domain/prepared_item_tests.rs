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

#[test]
fn a_changed_copy_of_the_entries_changes_nothing_for_the_next_view() {
    let flag = json!({ "resourceType": "Flag", "id": "1", "status": "active", "code": { "text": "Falls" } });
    let (prepared, system) = (PreparedItem::from(Item::from_trusted(flag)), system("h", "Hospital", "hospital"));
    let read = || prepared.entries(ResourceType::Flag, &system, at(0));
    read().entries[0].title.clear();
    assert_eq!(read().entries[0].title, "Falls");
    assert_eq!(format!("{prepared:?}"), "PreparedItem(Flag)", "no content is printed");
}
