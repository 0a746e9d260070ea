//! A source whose ids are NHS numbers: its list tells of hashes, no file holds a number as an id, and it is asked as before.

use std::{fs, sync::Mutex};

use lcr_contracts::{
    Records,
    events::{CloudEvent, DemographicsReceived, ItemReceived, Pushed, SourcePatient, Stream},
    record::{DatasetReport, MissingReason, Record},
};
use lcr_model::{Dataset, SourceState};
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

/// Of the key that this service has too.
fn hashed(scene: &Scene) -> SourceIdentity {
    let source = scene.service.sources.now().registry.systems.first().unwrap().id.clone();
    let local_id = scene.service.hashed_ids.local_id(&source, NUMBER);
    SourceIdentity { source, local_id }
}

/// What feeds tells of somebody whose source has this id of them.
fn of_feeds(scene: &Scene, identity: &SourceIdentity, own_id: Option<&str>) -> DemographicsReceived {
    let mut body = json!({ "source": identity.source, "nhs_number": NUMBER, "nhs_number_verified": true,
        "family": "Test", "given": "", "title": null, "birth_date": "1945-07-14", "gender": "female", "address": null,
        "postcode": null, "practice": null, "died": false, "restricted": false, "authority": false,
        "gp_registration": false });
    if let Some(own) = own_id {
        body["own_id"] = json!(own);
    }
    let keys = &scene.service.shelf.keys;
    let sealed = keys.seal("feeds/demographics", &serde_json::to_vec(&body).unwrap()).unwrap();
    DemographicsReceived { identity: identity.clone(), version: 1, sealed }
}

fn allergies(record: &Record, source: &SourceId) -> DatasetReport {
    let report = record.sources.iter().find(|one| one.source == *source).unwrap();
    report.datasets.iter().find(|one| one.dataset == Dataset::Allergies).unwrap().clone()
}

async fn take(scene: &Scene, event: DemographicsReceived) {
    scene.service.hashed_ids.take(vec![event]).await.unwrap();
}

#[tokio::test]
async fn a_source_is_asked_by_the_id_that_feeds_tells_of() {
    for written in [NUMBER, "999 000 0018"] {
        let scene = scene().await;
        let identity = hashed(&scene);
        take(&scene, of_feeds(&scene, &identity, Some(written))).await;
        assert!(!in_files(&scene, NUMBER) && !in_files(&scene, written), "it is stored sealed");
        let found = json!(record(&scene, vec![identity]).await).to_string();
        assert!(found.contains("Penicillin marker"), "{written}: {found}");
    }
}

#[tokio::test]
async fn the_id_of_the_sources_own_list_stays() {
    let scene = scene().await;
    let identity = hashed(&scene);
    let row = scene.service.hashed_ids.row(&identity, "999-000-0018").unwrap().unwrap();
    let keep = scene
        .service
        .store
        .write::<_, DbErr, _>(|tx| Box::pin(async move { rows::keep(tx, vec![row]).await }));
    keep.await.unwrap();
    take(&scene, of_feeds(&scene, &identity, Some(NUMBER))).await;
    let own = scene.service.hashed_ids.own_ids(std::slice::from_ref(&identity)).await.unwrap();
    assert_eq!(own[&identity], "999-000-0018");
}

/// It was not asked: that it has nothing of the person, or no record, would be a guess.
#[tokio::test]
async fn somebody_known_by_a_hash_alone_is_never_called_unknown() {
    let untold = [None, Some("RXX:9990000018"), Some("H/9990000018")];
    for own_id in untold {
        let scene = scene().await;
        roster(&scene).turn().await;
        // Its list is read to the end, and does not have this one.
        let identity = SourceIdentity {
            local_id: LocalIdKey::new([9; 32]).hash(&hashed(&scene).source, None, NUMBER).unwrap(),
            ..hashed(&scene)
        };
        take(&scene, of_feeds(&scene, &identity, own_id)).await;
        let of_source = allergies(&record(&scene, vec![identity.clone()]).await, &identity.source);
        assert_eq!(of_source.state, SourceState::Failed, "{own_id:?}");
        assert_eq!(of_source.reason, Some(MissingReason::ListNotRead));
    }
}

#[tokio::test]
async fn an_id_that_does_not_open_leaves_the_record_and_is_named_as_missing() {
    let scene = scene().await;
    let identity = hashed(&scene);
    let (source, local_id) = (identity.source.0.clone(), identity.local_id.0.clone());
    let row = Model { source, local_id, sealed: "v1.k9.AAAA.AAAA".into() };
    let keep = scene
        .service
        .store
        .write::<_, DbErr, _>(|tx| Box::pin(async move { rows::keep(tx, vec![row]).await }));
    keep.await.unwrap();
    let of_source = allergies(&record(&scene, vec![identity.clone()]).await, &identity.source);
    assert_eq!(of_source.state, SourceState::Failed);
}

/// The index calls the person by the hash alone then.
#[tokio::test]
async fn what_was_pushed_under_the_number_in_clear_stays_on_the_record() {
    let scene = scene().await;
    let identity = hashed(&scene);
    take(&scene, of_feeds(&scene, &identity, Some(NUMBER))).await;
    let item = json!({ "resources": [{ "resourceType": "ServiceRequest", "id": "1001", "status": "active" }],
        "name": "", "awaited": false, "discharge_letter": false });
    let sealed = scene.service.shelf.keys.seal("feeds/item", &serde_json::to_vec(&item).unwrap()).unwrap();
    for (at, spelling) in [NUMBER, "999 000 0018", "999-000-0018"].into_iter().enumerate() {
        let in_clear = SourceIdentity { local_id: LocalId(spelling.into()), ..identity.clone() };
        let (item, sealed) = (format!("i{at}"), sealed.clone());
        let event = ItemReceived {
            identity: in_clear,
            kind: Pushed::Referral,
            item,
            spell: None,
            version: 1,
            sealed,
        };
        scene.service.shelf.take(vec![event]).await.unwrap();
    }
    let filed_under = scene.service.hashed_ids.filed_under(&[identity]).await.unwrap();
    assert_eq!(scene.service.shelf.read(&filed_under).await.unwrap().len(), 3);
}
