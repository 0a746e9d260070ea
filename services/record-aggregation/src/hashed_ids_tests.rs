//! A source whose ids are NHS numbers: its list tells of hashes, no file holds a number as an id, and it is asked as before.

use std::{fs, sync::Mutex};

use lcr_contracts::{
    Records,
    events::{CloudEvent, DemographicsReceived, SourcePatient, Stream},
    record::Record,
};
use lcr_web::{EgressRules, Outbound};
use serde_json::json;
use tokio::sync::Notify;

use super::*;
use crate::{
    roster::{Budget, Roster},
    testing::{Scene, caller, item},
};

const NUMBER: &str = "9990000018";
const OLDER: &str = "999-000-0026";

fn roster(scene: &Scene) -> Roster {
    Roster {
        store: scene.service.store.clone(),
        outbound: Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap(),
        keys: scene.service.shelf.keys.clone(),
        hashed_ids: scene.service.hashed_ids.clone(),
        clock: scene.service.clock.clone(),
        sources: scene.service.sources.clone(),
        woken: Notify::new(),
        budget: Budget::default(),
        resting: Mutex::default(),
    }
}

async fn scene() -> Scene {
    let subject = json!({ "reference": format!("Patient/{NUMBER}") });
    let allergy = json!({ "patient": subject, "code": { "text": "Penicillin marker" } });
    let link = json!([{ "type": "replaces", "other": { "reference": format!("Patient/{OLDER}") } }]);
    Scene::with(vec![
        item("Patient", NUMBER, json!({ "name": [{ "family": "Test" }], "link": link })),
        item("AllergyIntolerance", "a1", allergy),
    ])
    .await
}

async fn told(scene: &Scene) -> Vec<(DemographicsReceived, SourcePatient)> {
    let rows = scene.service.store.outbox().after(Stream::Feeds, 0, 100).await.unwrap();
    let body = |event: &CloudEvent| event.body::<DemographicsReceived>().map(Result::unwrap);
    let open = |event: DemographicsReceived| {
        let plain = scene.service.shelf.keys.open("feeds/demographics", &event.sealed).unwrap();
        let patient = serde_json::from_slice(&plain).unwrap();
        (event, patient)
    };
    rows.iter().filter_map(|row| body(&row.event)).map(open).collect()
}

async fn record(scene: &Scene, identities: Vec<SourceIdentity>) -> Record {
    *scene.world.identities.lock().unwrap() = identities;
    scene.service.whole(&caller(), scene.ask()).await.unwrap()
}

fn in_files(scene: &Scene, text: &str) -> bool {
    let files =
        fs::read_dir(scene.folder.path()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    let mut all = files.collect::<Vec<_>>().into_iter();
    all.any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[tokio::test]
async fn a_list_tells_of_hashes_and_its_source_is_asked_by_its_own_id() {
    let scene = scene().await;
    roster(&scene).turn().await;
    let told = told(&scene).await;
    let (event, patient) = &told[0];
    assert!(event.identity.local_id.is_hash());
    assert!(patient.links[0].other.is_hash(), "a linked record of the source has a hash too");
    assert!(!in_files(&scene, NUMBER) && !in_files(&scene, OLDER), "no number stands in a file");
    let again = scene.service.hashed_ids.local_id(&event.identity.source, NUMBER);
    assert_eq!(again, event.identity.local_id);
    let found = json!(record(&scene, vec![event.identity.clone()]).await).to_string();
    assert!(found.contains("Penicillin marker"), "{found}");
    // Known in clear from a version before as well: one question and one answer.
    let before = SourceIdentity { local_id: LocalId(NUMBER.into()), ..event.identity.clone() };
    let found = json!(record(&scene, vec![before, event.identity.clone()]).await).to_string();
    assert!(found.contains("Penicillin marker"), "{found}");
}

/// What a sender is known by is no id of its FHIR server.
#[tokio::test]
async fn a_source_is_never_asked_with_a_hash() {
    let scene = scene().await;
    roster(&scene).turn().await;
    let identity = told(&scene).await.remove(0).0.identity;
    let key = LocalIdKey::new([9; 32]);
    let of_feeds = key.hash(&identity.source, None, NUMBER).unwrap();
    let of_feeds = SourceIdentity { local_id: of_feeds, ..identity.clone() };
    let own = scene.service.hashed_ids.own_ids(&[of_feeds.clone(), identity.clone()]).await.unwrap();
    assert_eq!((own.len(), own[&identity].as_str()), (1, NUMBER));
    let found = json!(record(&scene, vec![of_feeds, identity]).await).to_string();
    assert!(found.contains("Penicillin marker"), "the hash of feeds does not spoil the answer: {found}");
}
