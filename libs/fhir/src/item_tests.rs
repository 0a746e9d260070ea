//! Tests of `item.rs`.

use serde_json::json;

use super::*;

#[test]
fn a_resource_with_too_long_lists_is_refused() {
    let flag = |more: Value| {
        let mut value = json!({ "resourceType": "Flag", "id": "1", "status": "active", "code": { "text": "Falls" },
                "subject": { "reference": "Patient/7" } });
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Item::read(value).is_ok()
    };
    let contained = |many: usize| json!({ "contained": vec![json!({ "resourceType": "Device", "id": "d" }); many] });
    assert!(flag(contained(1000)) && !flag(contained(1001)));
    let category = |many: usize| json!({ "category": vec![json!({ "text": "x" }); many] });
    assert!(flag(category(5000)) && !flag(category(5001)));
}

#[test]
fn an_id_with_characters_special_in_a_url_is_refused() {
    for id in ["7", "a-b.c", "0b7e7c2e-6f4b-4a55-9f5e-0c1d2e3f4a5b", "a_b", "urn:a b", &"x".repeat(128)] {
        assert!(is_usable_id(id), "{id}");
    }
    for id in ["", ".", "..", "a/b", "a\\b", "a?b", "a%2fb", "ä", "a\nb", "7#x", "<a", &"x".repeat(129)] {
        assert!(!is_usable_id(id), "{id}");
    }
}

#[test]
fn a_malformed_resource_is_refused_and_not_read_as_absent() {
    let good = json!({ "resourceType": "Observation", "id": "1", "status": "final", "code": { "text": "eGFR" },
            "subject": { "reference": "Patient/7" }, "valueQuantity": { "value": 41.0 } });
    assert!(Item::read(good.clone()).unwrap().is_about("7"));
    assert!(!Item::read(good.clone()).unwrap().is_about("8"));
    let mut bad = good.clone();
    bad["valueQuantity"]["value"] = json!("forty-one");
    assert!(Item::read(bad).is_err());
    let mut as_text = good.clone();
    as_text["valueQuantity"]["value"] = json!("41.5");
    let read = Item::read(as_text).unwrap();
    assert_eq!(read.value()["valueQuantity"]["value"], json!(41.5), "a number written as text is that number");
    let mut no_id = good;
    no_id.as_object_mut().unwrap().remove("id");
    assert_eq!(Item::read(no_id).unwrap_err().resource_type.as_deref(), Some("Observation"));
}
