//! Races between an answer and a change: an objection or a restriction acknowledged while a source is held applies to every output
//! . A person who changes at every step is shown without a second request.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use futures::StreamExt;
use lcr_contracts::{
    Failure, FailureKind, Records,
    records_api::{DocumentRequest, Update, ViewRequest},
};
use lcr_model::{Clearance, Dataset};
use serde_json::{Value, json};

use crate::{
    domain::resource_type::ResourceType,
    fhir_api,
    testing::{FakeServices, Scene, caller, item},
};

/// A marker in the items' text.
const MARKER: &str = "MARKERWARD";

fn items() -> Vec<Value> {
    let coded = json!([{ "system": "http://snomed.info/sct", "code": "91936005", "display": "Allergy to penicillin" }]);
    vec![
        item(
            "Patient",
            "7",
            json!({ "name": [{ "family": "Test", "given": ["Anna"] }], "birthDate": "1950-01-02",
            "address": [{ "use": "home", "text": format!("1 {MARKER} Road") }] }),
        ),
        item(
            "AllergyIntolerance",
            "a1",
            json!({ "code": { "coding": coded, "text": format!("Penicillin {MARKER}") } }),
        ),
        item(
            "DocumentReference",
            "d1",
            json!({ "status": "current", "type": { "text": "Clinic letter" },
            "description": format!("Letter of {MARKER}"),
            "content": [{ "attachment": { "contentType": "text/plain", "url": "Binary/9" } }] }),
        ),
        item("Binary", "9", json!({ "contentType": "text/plain", "data": "TUFSS0VSV0FSRA==" })),
    ]
}

/// Every output that contains a person's data.
const OUTPUTS: [&str; 8] = ["record", "part", "document", "item", "stream", "live stream", "FHIR search", "FHIR read"];

/// The text of one output.
async fn read_output(scene: &Scene, output: &str) -> Result<String, Failure> {
    let (service, caller, ask) = (&scene.service, caller(), scene.ask());
    let person = scene.fakes.person.to_string();
    Ok(match output {
        "record" => json!(service.whole(&caller, ask).await?).to_string(),
        "part" => {
            let ask = ViewRequest { datasets: Some(vec![Dataset::Allergies]), ..ask };
            json!(service.whole(&caller, ask).await?).to_string()
        }
        "document" => {
            let file = DocumentRequest { entry: "st-marker~DocumentReference~d1".into(), file: 0 };
            let content = service.document(&caller, ask, file).await?;
            content.title + &String::from_utf8(content.bytes).unwrap()
        }
        "item" => {
            let entry = "st-marker~AllergyIntolerance~a1";
            json!(service.item(&caller, ask, entry).await?).to_string()
        }
        "stream" | "live stream" => {
            let ask = ViewRequest { live: output == "live stream", ..ask };
            let mut updates = service.view(&caller, ask).await?;
            let mut text = String::new();
            while let Ok(Some(update)) = tokio::time::timeout(Duration::from_millis(1500), updates.next()).await {
                match update {
                    Update::Record(record) => text += &json!(record).to_string(),
                    Update::Closed { failure, .. } => {
                        return if text.contains(MARKER) { Ok(text) } else { Err(failure) };
                    }
                }
            }
            text
        }
        "FHIR search" => {
            let pairs = vec![("patient".to_owned(), person)];
            fhir_api::search::search_by_patient(service, &caller, ResourceType::AllergyIntolerance, &pairs)
                .await?
                .to_string()
        }
        _ => fhir_api::patients::read(service, &caller, &person).await?.to_string(),
    })
}

/// Makes the change while the source is held, then releases the source.
async fn race(output: &'static str, apply: fn(&FakeServices)) -> Result<String, Failure> {
    let scene = Scene::with(items()).await;
    scene.source().hold();
    let change = async {
        scene.source().wait_until_asked().await;
        apply(&scene.fakes);
        scene.source().release();
    };
    tokio::join!(read_output(&scene, output), change).0
}

#[tokio::test]
async fn every_output_shows_the_item_if_nothing_changes() {
    for output in OUTPUTS {
        let scene = Scene::with(items()).await;
        let text = read_output(&scene, output).await.unwrap_or_else(|failure| panic!("{output}: {failure:?}"));
        assert!(text.contains(MARKER), "{output}: {text}");
    }
}

#[tokio::test]
async fn an_objection_acknowledged_while_the_source_is_held_closes_every_output() {
    for output in OUTPUTS {
        let text = race(output, FakeServices::object).await;
        assert_eq!(text.as_ref().map_err(|failure| failure.kind), Err(FailureKind::Objected), "{output}");
    }
}

#[tokio::test]
async fn a_restriction_acknowledged_while_the_source_is_held_hides_the_location_in_every_output() {
    for output in OUTPUTS {
        match race(output, FakeServices::restrict).await {
            Ok(text) => assert!(!text.contains(MARKER), "{output}: {text}"),
            Err(failure) => {
                let refused = matches!(failure.kind, FailureKind::NotFound | FailureKind::Forbidden);
                assert!(refused, "{output}: {failure:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_role_limit_added_meanwhile_applies_to_every_output() {
    let titles = |fakes: &FakeServices| {
        fakes.change(|fakes| {
            let limits = ["documents:titles", "allergies:titles", "demographics:titles"];
            fakes.clearances.lock().unwrap().extend(limits.map(Clearance::from));
        });
    };
    for output in ["document", "item", "FHIR search"] {
        match race(output, titles).await {
            Ok(text) => assert!(!text.contains(MARKER), "{output}: {text}"),
            Err(failure) => assert!(!failure.outward().contains(MARKER), "{output}"),
        }
    }
}

/// The service decides again by itself, so the reader need not ask again.
#[tokio::test]
async fn a_person_who_changes_at_every_step_is_shown_at_the_end_in_every_output() {
    for output in OUTPUTS {
        for identities in [false, true] {
            let scene = Scene::with(items()).await;
            scene.fakes.changes_left.store(5, Ordering::SeqCst);
            scene.fakes.catching_up_left.store(3, Ordering::SeqCst);
            *scene.fakes.new_identities.lock().unwrap() = identities;
            let text = read_output(&scene, output).await.unwrap_or_else(|failure| panic!("{output}: {failure:?}"));
            assert!(text.contains(MARKER), "{output}: {text}");
            assert_eq!(scene.fakes.changes_left.load(Ordering::SeqCst), 0, "{output}: it changed at every step");
        }
    }
}

#[tokio::test]
async fn a_person_who_never_stops_changing_is_refused_within_the_deadline() {
    for output in ["record", "document", "item", "FHIR search"] {
        let scene = Scene::with(items()).await;
        scene.fakes.changes_left.store(usize::MAX, Ordering::SeqCst);
        let started = Instant::now();
        let text = read_output(&scene, output).await;
        assert_eq!(text.map_err(|failure| failure.kind), Err(FailureKind::Conflict), "{output}");
        assert!(started.elapsed() < Duration::from_secs(8), "{output}: {:?}", started.elapsed());
    }
}
