//! Charts are valid FHIR, consistent and repeatable, and the cast's charts match their stories.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::HashSet;

use fhir_model::r4b::resources::Resource;
use serde_json::Value;

use super::{Chart, RESOURCE_TYPES};
use crate::{
    catalogue::PENICILLIN,
    health::is_allergic,
    plan::Source,
    world::{CastRole, World},
};

mod stories;
mod validity;

fn world(seed: u64) -> World {
    World::new(seed, 5000, "2026-11-22T12:00:00Z".parse().unwrap())
}

fn sources(world: &World, index: u32) -> impl Iterator<Item = Source> {
    Source::ALL.into_iter().filter(move |source| world.knows(*source, index))
}

fn of(part: CastRole, source: Source, kind: &str) -> Vec<Value> {
    Chart::of(&world(1), source, part as u32).entries(kind).unwrap_or_default()
}

#[test]
fn the_same_seed_gives_the_same_city_and_other_seeds_differ() {
    let all_records = |seed: u64| -> String {
        let world = world(seed);
        let records_of = |index: u32| {
            let chart = Chart::of(&world, Source::GpEast, index);
            let entries: Vec<Value> =
                RESOURCE_TYPES.iter().flat_map(|kind| chart.entries(kind).unwrap_or_default()).collect();
            format!("{}{}", chart.patient(), Value::from(entries))
        };
        (0..60).map(records_of).collect()
    };
    assert_eq!(all_records(1), all_records(1));
    assert_ne!(all_records(1), all_records(2));
}

#[test]
fn fredricas_sources_disagree_as_scripted() {
    let text = |source, kind: &str| Value::from(of(CastRole::Fredrica, source, kind)).to_string();
    assert!(text(Source::GpEast, "MedicationRequest").contains("Bisoprolol 2.5 mg tablets"));
    assert!(text(Source::StHildas, "MedicationRequest").contains("Bisoprolol 5 mg tablets"));
    assert!(!text(Source::StHildas, "MedicationRequest").contains("Bisoprolol 2.5"));
    for source in [Source::GpEast, Source::StHildas] {
        assert!(text(source, "MedicationRequest").contains("5 mg twice daily"), "apixaban the same");
        assert!(text(source, "AllergyIntolerance").contains("Anaphylaxis"));
    }
    let codeine = |source| {
        let all = of(CastRole::Fredrica, source, "AllergyIntolerance");
        let one = all.iter().find(|one| one["code"]["text"] == "Codeine").unwrap().clone();
        one["verificationStatus"]["coding"][0]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!((codeine(Source::GpEast).as_str(), codeine(Source::StHildas).as_str()), ("confirmed", "refuted"));
    let stay = of(CastRole::Fredrica, Source::StHildas, "Encounter");
    let stay = stay.iter().find(|one| one["status"] == "in-progress").unwrap();
    assert_eq!(stay["location"][0]["location"]["display"], "J27, bay C, bed 4");
    let results = of(CastRole::Fredrica, Source::StHildas, "Observation");
    let egfr = results.iter().find(|one| one["code"]["text"] == "eGFR").unwrap();
    assert_eq!((egfr["valueQuantity"]["value"].as_u64(), egfr["status"].as_str()), (Some(41), Some("final")));
    assert!(text(Source::Community, "CarePlan").contains("ReSPECT"));
    let home = |source| Chart::of(&world(1), source, 0).patient()["address"][0]["line"][0].clone();
    assert_eq!((home(Source::GpEast), home(Source::StHildas)), ("12 Elm Road".into(), "4 Oak Court".into()));
}

#[test]
fn the_authority_hides_a_restricted_address_and_other_sources_show_it() {
    let world = world(1);
    let authority = Chart::of(&world, Source::Authority, CastRole::Restricted as u32).patient();
    assert_eq!(authority["meta"]["security"][0]["code"], "R");
    assert!(["address", "telecom", "generalPractitioner"].iter().all(|field| authority.get(*field).is_none()));
    assert_eq!(authority["managingOrganization"]["identifier"]["value"], "Y90001");
    for source in sources(&world, CastRole::Restricted as u32).filter(|one| *one != Source::Authority) {
        let patient = Chart::of(&world, source, CastRole::Restricted as u32).patient();
        assert!(patient.to_string().contains("Hidden Garth"), "{source:?}");
        assert!(patient["meta"].get("security").is_none(), "{source:?} knows nothing of restriction");
    }
    let letters = of(CastRole::Restricted, Source::Community, "DocumentReference");
    let id = letters[0]["content"][0]["attachment"]["url"].as_str().unwrap().trim_start_matches("Binary/").to_owned();
    let chart = Chart::of(&world, Source::Community, CastRole::Restricted as u32);
    assert!(chart.text(&id).is_some_and(|letter| letter.contains("Hidden Garth")));
}

#[test]
fn medicines_match_the_disorders() {
    let world = world(1);
    for index in 0..1500 {
        let source = world.practice(index).system;
        let chart = Chart::of(&world, source, index);
        let list = Value::from(chart.medication_requests()).to_string();
        let has = |key: &str| chart.problems().iter().any(|one| one.disorder.key == key && !one.resolved);
        assert_eq!(list.contains("Apixaban"), has("af"), "{list}");
        assert_eq!(list.contains("Metformin"), has("t2dm"));
        let results = Value::from(chart.observations()).to_string();
        assert!(!has("ckd3") || results.contains("eGFR"));
        assert!(chart.person.age >= 18 || !has("oa"));
    }
}

#[test]
fn nobody_allergic_to_penicillin_is_given_it_but_mr_pike() {
    let world = world(1);
    let mut courses = 0;
    for index in 0..3000 {
        for source in sources(&world, index) {
            let list = Value::from(Chart::of(&world, source, index).medication_requests()).to_string();
            let penicillin = list.contains("Amoxicillin") || list.contains("Phenoxymethylpenicillin");
            courses += u32::from(penicillin);
            let allergic = is_allergic(&world, index, PENICILLIN);
            let planted = CastRole::of(index) == Some(CastRole::Leonard) && source == Source::StHildas;
            assert!(!penicillin || !allergic || planted, "{index} at {source:?}: {list}");
            assert!(penicillin || !planted);
        }
    }
    assert!(courses > 100, "{courses} courses");
}

#[test]
fn an_antibiotic_is_given_for_an_illness_of_the_same_day() {
    let world = world(1);
    for index in 0..1500 {
        let chart = Chart::of(&world, world.practice(index).system, index);
        let conditions = chart.diagnoses();
        for course in chart.medication_requests().iter().filter(|one| one["status"] == "completed") {
            let reason = course["reasonReference"][0]["reference"].as_str().unwrap().trim_start_matches("Condition/");
            let illness = conditions.iter().find(|one| one["id"] == reason).unwrap();
            let day = |value: &Value| value.as_str().unwrap()[..10].to_owned();
            assert_eq!(day(&course["authoredOn"]), day(&illness["onsetDateTime"]), "{course}");
        }
    }
}

#[test]
fn the_child_and_the_other_cast_members_match_their_stories() {
    assert!(
        Value::from(of(CastRole::Child, Source::ChildrensSocialCare, "Flag"))
            .to_string()
            .contains("Child protection plan")
    );
    let deceased = Chart::of(&world(1), Source::Authority, CastRole::Deceased as u32).patient();
    assert!(deceased["deceasedDateTime"].is_string() && deceased["extension"].is_array());
    let none = Chart::of(&world(1), Source::StHildas, CastRole::NoNumber as u32).patient();
    assert!(
        none["identifier"].as_array().is_some_and(|all| all.len() == 1) && none.get("generalPractitioner").is_none()
    );
    assert!(of(CastRole::Osei, Source::StHildas, "Encounter").iter().any(|one| one["status"] == "in-progress"));
    assert!(Value::from(of(CastRole::Osei, Source::AdultSocialCare, "CarePlan")).to_string().contains("social-care"));
}

#[test]
fn fhir_and_messages_have_the_same_stays() {
    let world = world(1);
    let mut open = 0;
    for index in 0..world.people {
        for source in [Source::StHildas, Source::WharfeValley, Source::Community, Source::MentalHealth] {
            let stays = world.stays_of(source, index);
            if stays.is_empty() {
                continue;
            }
            let encounters = Chart::of(&world, source, index).entries("Encounter").unwrap();
            for stay in stays {
                let numbered = |one: &&Value| one["identifier"][0]["value"] == stay.visit.as_str();
                let matching: Vec<&Value> = encounters.iter().filter(numbered).collect();
                assert_eq!(matching.len(), 1, "{}", stay.visit);
                let ended = stay.left.is_some_and(|left| left <= world.now);
                assert_eq!(matching[0]["status"] == "finished", ended);
                assert_eq!(matching[0]["period"]["start"], stay.began().to_string());
                open += u32::from(!ended);
            }
        }
    }
    assert!((10..30).contains(&open), "{open} open stays of five thousand people");
    for index in 0..500 {
        let in_progress = |source: Source| {
            let all = Chart::of(&world, source, index).entries("Encounter").unwrap();
            all.iter().filter(|one| one["status"] == "in-progress").count()
        };
        for source in sources(&world, index).filter(|one| *one != Source::Authority) {
            let stays = world.stays_of(source, index);
            assert!(in_progress(source) <= stays.len(), "an open stay without messages");
        }
    }
}
