//! Tests of every resource: valid, about its person, and with references that resolve.

use super::*;

#[test]
fn every_resource_of_two_hundred_people_is_valid_and_about_them() {
    let world = world(1);
    for index in 0..200 {
        for source in sources(&world, index) {
            let chart = Chart::of(&world, source, index);
            let patient = chart.patient();
            serde_json::from_value::<Resource>(patient.clone()).expect("a valid Patient");
            let mut ids = HashSet::new();
            for one in RESOURCE_TYPES.iter().flat_map(|kind| chart.entries(kind).expect("a kind that is served")) {
                let text = one.to_string();
                serde_json::from_value::<Resource>(one.clone()).unwrap_or_else(|error| panic!("{error}: {text}"));
                assert!(text.contains(&format!("\"Patient/{}\"", chart.local)), "about somebody else: {text}");
                assert!(one["meta"]["lastUpdated"].is_string() && one["meta"]["versionId"].is_string());
                assert!(ids.insert(format!("{}/{}", one["resourceType"], one["id"])), "twice: {text}");
                assert!(one["id"].as_str().is_some_and(|id| id.len() <= 64 && !id.contains(' ')));
            }
        }
    }
}

#[test]
fn references_within_a_source_resolve() {
    let world = world(1);
    for index in 0..200 {
        for source in sources(&world, index) {
            let chart = Chart::of(&world, source, index);
            let all: Vec<Value> =
                RESOURCE_TYPES.iter().flat_map(|kind| chart.entries(kind).unwrap_or_default()).collect();
            let known: HashSet<String> = all
                .iter()
                .map(|one| format!("{}/{}", one["resourceType"].as_str().unwrap(), one["id"].as_str().unwrap()))
                .collect();
            for text in all.iter().map(Value::to_string) {
                for reference in text.split("\"reference\":\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                    assert!(reference.starts_with("Patient/") || known.contains(reference), "{reference} in {text}");
                }
                for url in text.split("\"url\":\"Binary/").skip(1).filter_map(|rest| rest.split('"').next()) {
                    assert!(chart.text(url).is_some_and(|letter| text.contains(&format!("\"size\":{}", letter.len()))));
                }
            }
        }
    }
}

#[test]
fn only_appointments_have_future_dates() {
    let world = world(1);
    for index in 0..200 {
        for source in sources(&world, index) {
            let chart = Chart::of(&world, source, index);
            for one in RESOURCE_TYPES.iter().flat_map(|kind| chart.entries(kind).unwrap_or_default()) {
                // Only stays have exact times.
                let now = if one["resourceType"] == "Encounter" { "2026-11-22T12:00:01Z" } else { "2026-11-22" };
                assert!(one["meta"]["lastUpdated"].as_str() < Some(now), "{one}");
                let text = one.to_string();
                assert!(one["resourceType"] == "Appointment" || !text.contains("2027-"), "{text}");
            }
        }
    }
}
