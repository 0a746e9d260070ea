//! A source whose ids are NHS numbers: its events carry hashes, no file holds a number as an id, and it is asked with its own ids.

use std::fs;

use lcr_contracts::{
    Records,
    events::{CloudEvent, DemographicsReceived, ItemReceived, PushedKind, SourcePatient, Stream},
    record::{DatasetReport, MissingReason, Record},
};
use lcr_model::{Dataset, SourceState};
use serde_json::json;

use super::*;
use crate::{
    list_reader::Budget,
    patient_list_sync::PatientListSync,
    testing::{Scene, caller, item},
};

const NUMBER: &str = "9990000018";
const OLDER: &str = "999-000-0026";

fn list_sync(scene: &Scene) -> PatientListSync {
    PatientListSync {
        store: scene.service.store.clone(),
        keys: scene.service.pushed_items.keys.clone(),
        hashed_ids: scene.service.hashed_ids.clone(),
        lists: scene.service.lists.clone(),
        reader: scene.list_reader(Budget::default()),
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

async fn published(scene: &Scene) -> Vec<(DemographicsReceived, SourcePatient)> {
    let rows = scene.service.store.outbox().after(Stream::Feeds, 0, 100).await.unwrap();
    let body = |event: &CloudEvent| event.body::<DemographicsReceived>().map(Result::unwrap);
    let open = |event: DemographicsReceived| {
        let plain = scene.service.pushed_items.keys.open("feeds/demographics", &event.sealed).unwrap();
        let patient = serde_json::from_slice(&plain).unwrap();
        (event, patient)
    };
    rows.iter().filter_map(|row| body(&row.event)).map(open).collect()
}

async fn record(scene: &Scene, identities: Vec<SourceIdentity>) -> Record {
    *scene.fakes.identities.lock().unwrap() = identities;
    scene.service.whole(&caller(), scene.ask()).await.unwrap()
}

fn is_in_files(scene: &Scene, text: &str) -> bool {
    let files = fs::read_dir(scene.folder.path()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    let mut all = files.collect::<Vec<_>>().into_iter();
    all.any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[tokio::test]
async fn a_list_publishes_hashes_and_its_source_is_asked_with_its_own_id() {
    let scene = scene().await;
    list_sync(&scene).run_round().await;
    let published = published(&scene).await;
    let (event, patient) = &published[0];
    assert!(event.identity.local_id.is_hash());
    assert!(patient.links[0].other.is_hash(), "a linked record of the source has a hash too");
    assert!(!is_in_files(&scene, NUMBER) && !is_in_files(&scene, OLDER), "no file holds a number");
    let again = scene.service.hashed_ids.local_id(&event.identity.source, NUMBER);
    assert_eq!(again, event.identity.local_id);
    let found = json!(record(&scene, vec![event.identity.clone()]).await).to_string();
    assert!(found.contains("Penicillin marker"), "{found}");
    // The index also knows the id in clear from an earlier version: the source is asked once.
    let before = SourceIdentity { local_id: LocalId(NUMBER.into()), ..event.identity.clone() };
    let found = json!(record(&scene, vec![before, event.identity.clone()]).await).to_string();
    assert!(found.contains("Penicillin marker"), "{found}");
}

/// A feed's local id is not an id of the source's FHIR server.
#[tokio::test]
async fn a_source_is_never_asked_with_a_hash() {
    let scene = scene().await;
    list_sync(&scene).run_round().await;
    let identity = published(&scene).await.remove(0).0.identity;
    let key = LocalIdKey::new([9; 32]);
    let of_feeds = key.hash(&identity.source, None, NUMBER).unwrap();
    let of_feeds = SourceIdentity { local_id: of_feeds, ..identity.clone() };
    let identities = [of_feeds.clone(), identity.clone()];
    let own_ids = scene.service.hashed_ids.load(&identities).await.unwrap().own_ids();
    assert_eq!((own_ids.len(), own_ids[&identity].as_str()), (1, NUMBER));
    let found = json!(record(&scene, vec![of_feeds, identity]).await).to_string();
    assert!(found.contains("Penicillin marker"), "the feed's hash does not affect the answer: {found}");
}

/// The identity with the hash of this service's key.
fn hashed(scene: &Scene) -> SourceIdentity {
    let source = scene.service.sources.state().registry.systems.first().unwrap().id.clone();
    let local_id = scene.service.hashed_ids.local_id(&source, NUMBER);
    SourceIdentity { source, local_id }
}

/// An event of feeds about a person whom the source knows by `own_id`.
fn feeds_event(scene: &Scene, identity: &SourceIdentity, own_id: Option<&str>) -> DemographicsReceived {
    let mut body = json!({ "source": identity.source, "nhs_number": NUMBER, "nhs_number_verified": true,
        "family": "Test", "given": "", "title": null, "birth_date": "1945-07-14", "gender": "female", "address": null,
        "postcode": null, "practice": null, "died": false, "restricted": false, "authority": false,
        "gp_registration": false });
    if let Some(own) = own_id {
        body["own_id"] = json!(own);
    }
    let keys = &scene.service.pushed_items.keys;
    let sealed = keys.seal("feeds/demographics", &serde_json::to_vec(&body).unwrap()).unwrap();
    DemographicsReceived { identity: identity.clone(), version: 1, sealed }
}

fn allergies(record: &Record, source: &SourceId) -> DatasetReport {
    let report = record.sources.iter().find(|one| one.source == *source).unwrap();
    report.datasets.iter().find(|one| one.dataset == Dataset::Allergies).unwrap().clone()
}

async fn save(scene: &Scene, event: DemographicsReceived) {
    scene.service.hashed_ids.save(vec![event]).await.unwrap();
}

#[tokio::test]
async fn a_source_is_asked_with_the_id_from_feeds() {
    for written in [NUMBER, "999 000 0018"] {
        let scene = scene().await;
        let identity = hashed(&scene);
        save(&scene, feeds_event(&scene, &identity, Some(written))).await;
        assert!(!is_in_files(&scene, NUMBER) && !is_in_files(&scene, written), "it is stored sealed");
        let found = json!(record(&scene, vec![identity]).await).to_string();
        assert!(found.contains("Penicillin marker"), "{written}: {found}");
    }
}

#[tokio::test]
async fn the_id_from_the_sources_own_list_is_not_replaced() {
    let scene = scene().await;
    let identity = hashed(&scene);
    let row = scene.service.hashed_ids.sealed_row(&identity, "999-000-0018").unwrap().unwrap();
    let keep = scene.service.store.write(async move |tx| rows::upsert(&tx, vec![row]).await);
    keep.await.unwrap();
    save(&scene, feeds_event(&scene, &identity, Some(NUMBER))).await;
    let own = scene.service.hashed_ids.load(std::slice::from_ref(&identity)).await.unwrap().own_ids();
    assert_eq!(own[&identity], "999-000-0018");
}

/// The source was not asked, so "no data" or "no record" would be a guess.
#[tokio::test]
async fn a_source_that_knows_the_person_by_a_hash_alone_is_never_said_to_have_no_record() {
    let unusable = [None, Some("RXX:9990000018"), Some("H/9990000018")];
    for own_id in unusable {
        let scene = scene().await;
        list_sync(&scene).run_round().await;
        // The source's list is read to the end and does not contain this id.
        let identity = SourceIdentity {
            local_id: LocalIdKey::new([9; 32]).hash(&hashed(&scene).source, None, NUMBER).unwrap(),
            ..hashed(&scene)
        };
        save(&scene, feeds_event(&scene, &identity, own_id)).await;
        let of_source = allergies(&record(&scene, vec![identity.clone()]).await, &identity.source);
        assert_eq!(of_source.state, SourceState::Failed, "{own_id:?}");
        assert_eq!(of_source.reason, Some(MissingReason::ListNotRead));
    }
}

#[tokio::test]
async fn a_source_whose_id_cannot_be_opened_is_shown_as_failed() {
    let scene = scene().await;
    let identity = hashed(&scene);
    let (source, local_id) = (identity.source.0.clone(), identity.local_id.0.clone());
    let row = Model { source, local_id, sealed: "v1.k9.AAAA.AAAA".into() };
    let keep = scene.service.store.write(async move |tx| rows::upsert(&tx, vec![row]).await);
    keep.await.unwrap();
    let of_source = allergies(&record(&scene, vec![identity.clone()]).await, &identity.source);
    assert_eq!(of_source.state, SourceState::Failed);
}

/// The index knows the person by the hash only.
#[tokio::test]
async fn items_pushed_under_the_number_in_clear_stay_on_the_record() {
    let scene = scene().await;
    let identity = hashed(&scene);
    save(&scene, feeds_event(&scene, &identity, Some(NUMBER))).await;
    let item = json!({ "resources": [{ "resourceType": "ServiceRequest", "id": "1001", "status": "active" }],
        "name": "", "awaited": false, "discharge_letter": false });
    let sealed = scene.service.pushed_items.keys.seal("feeds/item", &serde_json::to_vec(&item).unwrap()).unwrap();
    for (at, spelling) in [NUMBER, "999 000 0018", "999-000-0018"].into_iter().enumerate() {
        let in_clear = SourceIdentity { local_id: LocalId(spelling.into()), ..identity.clone() };
        let (item, sealed) = (format!("i{at}"), sealed.clone());
        let event =
            ItemReceived { identity: in_clear, kind: PushedKind::Referral, item, spell: None, version: 1, sealed };
        scene.service.pushed_items.save(vec![event]).await.unwrap();
    }
    let own = [identity];
    let identities = scene.service.hashed_ids.load(&own).await.unwrap().with_plain_identities();
    assert_eq!(scene.service.pushed_items.load(&identities).await.unwrap().len(), 3);
}
