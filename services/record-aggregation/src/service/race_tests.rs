//! Each door while its source is held: a choice or a protection that is acknowledged meanwhile holds for what leaves
//! . And a person who changes at every step: the answer comes without being asked for again.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use futures::StreamExt;
use lcr_contracts::{
    Failure, Kind as FailureKind, Records,
    records::{DocumentAsk, Update, ViewAsk},
};
use lcr_model::Dataset;
use serde_json::{Value, json};

use crate::{
    domain::kind::Kind,
    facade,
    testing::{Scene, caller, item},
};

/// Words of the items that leave with them.
const SECRET: &str = "MARKERWARD";

fn items() -> Vec<Value> {
    let coded = json!([{ "system": "http://snomed.info/sct", "code": "91936005", "display": "Allergy to penicillin" }]);
    vec![
        item(
            "Patient",
            "7",
            json!({ "name": [{ "family": "Test", "given": ["Anna"] }], "birthDate": "1950-01-02",
            "address": [{ "use": "home", "text": format!("1 {SECRET} Road") }] }),
        ),
        item(
            "AllergyIntolerance",
            "a1",
            json!({ "code": { "coding": coded, "text": format!("Penicillin {SECRET}") } }),
        ),
        item(
            "DocumentReference",
            "d1",
            json!({ "status": "current", "type": { "text": "Clinic letter" },
            "description": format!("Letter of {SECRET}"),
            "content": [{ "attachment": { "contentType": "text/plain", "url": "Binary/9" } }] }),
        ),
        item("Binary", "9", json!({ "contentType": "text/plain", "data": "TUFSS0VSV0FSRA==" })),
    ]
}

/// Every way on which something of the person leaves.
const DOORS: [&str; 8] =
    ["record", "part", "document", "item", "stream", "live stream", "FHIR search", "FHIR read"];

/// What leaves by one door, as text.
async fn leaves(scene: &Scene, door: &str) -> Result<String, Failure> {
    let (service, caller, ask) = (&scene.service, caller(), scene.ask());
    let person = scene.world.person.to_string();
    Ok(match door {
        "record" => json!(service.whole(&caller, ask).await?).to_string(),
        "part" => {
            let ask = ViewAsk { datasets: Some(vec![Dataset::Allergies]), ..ask };
            json!(service.whole(&caller, ask).await?).to_string()
        }
        "document" => {
            let file = DocumentAsk { entry: "st-marker~DocumentReference~d1".into(), file: 0 };
            let content = service.document(&caller, ask, file).await?;
            content.title + &String::from_utf8(content.bytes).unwrap()
        }
        "item" => {
            let entry = "st-marker~AllergyIntolerance~a1";
            json!(service.item(&caller, ask, entry).await?).to_string()
        }
        "stream" | "live stream" => {
            let ask = ViewAsk { live: door == "live stream", ..ask };
            let mut updates = service.view(&caller, ask).await?;
            let mut left = String::new();
            while let Ok(Some(update)) =
                tokio::time::timeout(Duration::from_millis(1500), updates.next()).await
            {
                match update {
                    Update::Record(record) => left += &json!(record).to_string(),
                    Update::Closed { failure, .. } => {
                        return if left.contains(SECRET) { Ok(left) } else { Err(failure) };
                    }
                }
            }
            left
        }
        "FHIR search" => {
            let pairs = vec![("patient".to_owned(), person)];
            facade::search::by_patient(service, &caller, Kind::AllergyIntolerance, &pairs).await?.to_string()
        }
        _ => facade::patients::read(service, &caller, &person).await?.to_string(),
    })
}

/// Holds the source, makes the change once it is asked, and then lets the answers go.
async fn race(door: &'static str, change: fn(&crate::testing::World)) -> Result<String, Failure> {
    let scene = Scene::with(items()).await;
    scene.source().hold();
    let changed = async {
        scene.source().is_asked().await;
        change(&scene.world);
        scene.source().release();
    };
    tokio::join!(leaves(&scene, door), changed).0
}

#[tokio::test]
async fn every_door_shows_the_item_when_nothing_changes() {
    for door in DOORS {
        let scene = Scene::with(items()).await;
        let left = leaves(&scene, door).await.unwrap_or_else(|failure| panic!("{door}: {failure:?}"));
        assert!(left.contains(SECRET), "{door}: {left}");
    }
}

#[tokio::test]
async fn an_objection_acknowledged_while_the_source_is_held_closes_every_door() {
    for door in DOORS {
        let left = race(door, crate::testing::World::object).await;
        assert_eq!(left.as_ref().map_err(|failure| failure.kind), Err(FailureKind::Objected), "{door}");
    }
}

#[tokio::test]
async fn a_restriction_acknowledged_while_the_source_is_held_hides_where_on_every_door() {
    for door in DOORS {
        match race(door, crate::testing::World::restrict).await {
            Ok(left) => assert!(!left.contains(SECRET), "{door}: {left}"),
            Err(failure) => {
                let refused = matches!(failure.kind, FailureKind::NotFound | FailureKind::Forbidden);
                assert!(refused, "{door}: {failure:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_role_limit_that_came_meanwhile_holds_on_every_door() {
    let titles = |world: &crate::testing::World| {
        world.change(|world| {
            let limits = ["documents:titles", "allergies:titles", "demographics:titles"];
            world.clearances.lock().unwrap().extend(limits.map(str::to_owned));
        });
    };
    for door in ["document", "item", "FHIR search"] {
        match race(door, titles).await {
            Ok(left) => assert!(!left.contains(SECRET), "{door}: {left}"),
            Err(failure) => assert!(!failure.outward().contains(SECRET), "{door}"),
        }
    }
}

/// The reader never has to ask again: what is decided is decided again until it stands.
#[tokio::test]
async fn a_person_who_changes_at_every_step_is_shown_at_the_end_on_every_door() {
    for door in DOORS {
        for identities in [false, true] {
            let scene = Scene::with(items()).await;
            scene.world.changes.store(5, Ordering::SeqCst);
            scene.world.catches_up.store(3, Ordering::SeqCst);
            *scene.world.new_identities.lock().unwrap() = identities;
            let left = leaves(&scene, door).await.unwrap_or_else(|failure| panic!("{door}: {failure:?}"));
            assert!(left.contains(SECRET), "{door}: {left}");
            assert_eq!(scene.world.changes.load(Ordering::SeqCst), 0, "{door}: it changed at every step");
        }
    }
}

#[tokio::test]
async fn a_person_who_never_stops_changing_is_refused_within_the_deadline() {
    for door in ["record", "document", "item", "FHIR search"] {
        let scene = Scene::with(items()).await;
        scene.world.changes.store(usize::MAX, Ordering::SeqCst);
        let started = Instant::now();
        let left = leaves(&scene, door).await;
        assert_eq!(left.map_err(|failure| failure.kind), Err(FailureKind::Conflict), "{door}");
        assert!(started.elapsed() < Duration::from_secs(8), "{door}: {:?}", started.elapsed());
    }
}
