//! The groups are filled with people who fit, and their Bundles are valid and name one person and one organisation.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::HashSet;

use fhir_model::r4b::resources::Resource;
use serde_json::Value;

use super::*;
use crate::plan::organisations;

fn care(people: u32) -> Care {
    Care::of(Arc::new(World::new(2026, people, "2026-11-22T12:00:00Z".parse().unwrap())))
}

fn evidence(message: &CareMessage) -> &Value {
    &message.bundle["entry"][1]["resource"]
}

#[test]
fn every_partner_and_pilot_team_cares_for_people_of_a_believable_age() {
    for (people, least) in [(60, 1), (2000, 2)] {
        let care = care(people);
        let codes: HashSet<&str> = GROUPS.iter().map(|group| group.organisation).collect();
        for code in &codes {
            assert!(organisations().iter().any(|one| one.ods == **code), "{code} is in the plan");
            let count = care.people_of(code).len();
            assert!((least..=12).contains(&count), "{code} cares for {count} of {people}");
        }
        for link in care.links() {
            let person = care.world.person(link.index);
            match link.group.who {
                Who::Child => assert!(person.age < 18),
                Who::OlderAlone => assert!(person.age >= 65 && person.address.postcode() == "LS1 9QQ"),
                Who::Older => assert!(person.age >= 65),
                Who::Adult | Who::OfBeckside => assert!(person.age >= 18),
            }
            assert!(!person.restricted && care.world.knows(link.group.source, link.index));
        }
    }
}

#[test]
fn the_groups_are_the_same_tomorrow_and_in_a_larger_city() {
    let of = |people: u32, at: &str| {
        let world = World::new(2026, people, at.parse().unwrap());
        world.roster.links.iter().map(|link| (link.group.organisation, link.index)).collect::<Vec<_>>()
    };
    let today = of(5000, "2026-11-22T12:00:00Z");
    assert_eq!(today, of(5000, "2026-11-23T12:00:00Z"));
    assert_eq!(today, of(817_000, "2026-11-22T12:00:00Z"));
}

#[test]
fn each_bundle_is_valid_and_about_one_person_of_its_source() {
    let care = care(2000);
    let at: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let messages = care.messages(at);
    let mut ids = HashSet::new();
    for message in &messages {
        serde_json::from_value::<Resource>(message.bundle.clone()).expect("a valid Bundle");
        assert!(ids.insert(message.bundle["identifier"]["value"].as_str().unwrap().to_owned()), "an id twice");
        let patient = &message.bundle["entry"][0]["resource"];
        let reference = format!("\"Patient/{}\"", patient["id"].as_str().unwrap());
        assert!(evidence(message).to_string().contains(&reference), "about somebody else");
        assert!(message.bundle["meta"]["source"].as_str().unwrap().ends_with(message.system));
    }
    let standing = |at: &str| -> Vec<CareMessage> {
        let all = care.messages(at.parse().unwrap());
        all.into_iter().filter(|one| !one.bundle.to_string().contains("urgent-case")).collect()
    };
    assert_eq!(standing("2026-11-22T12:00:00Z"), standing("2026-11-22T18:00:00Z"), "the same bytes on one day");
}

/// Evidence that is both read and sent would hide that one of the two ways fails.
#[test]
fn a_source_whose_episodes_are_read_sends_none() {
    let care = care(2000);
    let read: Vec<Source> = Source::ALL.into_iter().filter(|one| episodes(&care.world, *one).is_some()).collect();
    assert_eq!(read, [Source::MentalHealth]);
    for episode in episodes(&care.world, Source::MentalHealth).unwrap() {
        assert_eq!(episode["managingOrganization"]["identifier"]["value"], "Z9M01");
        serde_json::from_value::<Resource>(episode).expect("a valid episode");
    }
    assert!(care.messages(care.world.now).iter().all(|message| message.system != "mental-health"));
}

#[test]
fn a_case_is_of_the_last_hours_and_an_end_is_newer_than_the_episode() {
    let care = care(60);
    let at: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
    for case in care.open_cases(at) {
        let start: Timestamp = evidence(&case)["period"]["start"].as_str().unwrap().parse().unwrap();
        assert!(start < at && at.duration_since(start).as_hours() < 12);
    }
    let ended = care.end("fredrica", "Z9S01", at).unwrap();
    let (episode, before) = (evidence(&ended), care.messages(at));
    let before = before.iter().map(evidence).find(|one| one["id"] == episode["id"]).unwrap();
    assert_eq!(
        (&episode["status"], &episode["period"]["end"]),
        (&Value::from("finished"), &Value::from(at.to_string()))
    );
    assert!(before["period"].get("end").is_none() && before["period"]["start"] == episode["period"]["start"]);
    assert!(before["meta"]["lastUpdated"].as_str() < episode["meta"]["lastUpdated"].as_str());
    assert!(care.end("pike", "Z9S01", at).is_none());
    let died = care.messages(at).iter().map(evidence).filter(|one| one["status"] == "finished").count();
    assert_eq!(died, 1, "the care of somebody who died has ended");
}
