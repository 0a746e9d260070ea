//! Episodes of care of a source that is read: what started, changed and ended is published once, and again after a day.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use jiff::{Timestamp, ToSpan};
use lcr_contracts::{
    events::{CareLink, CareLinkReceived, Stream},
    registry::Registry,
};
use lcr_model::{CareLinkKind, Clock, SourceId, SystemClock};
use serde_json::{Value, json};

use super::*;
use crate::{list_reader::Budget, testing::Scene};

/// A patient's id that is an NHS number.
const NUMBER: &str = "9990000018";

/// A FHIR server with episodes, two on a page.
#[derive(Clone, Default)]
struct Episodes {
    /// Episodes with their time of change. `None` for a server that offers no episodes.
    list: Arc<Mutex<Option<Vec<Value>>>>,
    has_last_updated: bool,
    /// Whether every page but the first answers 500.
    is_broken: Arc<AtomicBool>,
    /// Whether pages report an error.
    reports_error: Arc<AtomicBool>,
    queries: Arc<Mutex<Vec<HashMap<String, String>>>>,
}

impl Episodes {
    fn set(&self, episodes: Vec<Value>) {
        *self.list.lock().unwrap() = Some(episodes);
    }

    /// How many pages were asked for since the last call, and the time since which changes were asked for.
    fn asked(&self) -> (usize, Option<String>) {
        let queries = std::mem::take(&mut *self.queries.lock().unwrap());
        (queries.len(), queries.first().and_then(|query| query.get("_lastUpdated").cloned()))
    }
}

async fn metadata(State(server): State<Episodes>) -> String {
    let parameters = if server.has_last_updated { json!([{ "name": "_lastUpdated" }]) } else { json!([]) };
    let offered = json!({ "type": "EpisodeOfCare", "interaction": [{ "code": "search-type" }],
        "searchParam": parameters });
    let resources = if server.list.lock().unwrap().is_some() { json!([offered]) } else { json!([]) };
    json!({ "resourceType": "CapabilityStatement", "rest": [{ "resource": resources }] }).to_string()
}

async fn search(
    State(server): State<Episodes>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<String, StatusCode> {
    server.queries.lock().unwrap().push(query.clone());
    let all = server.list.lock().unwrap().clone().ok_or(StatusCode::NOT_FOUND)?;
    let since = query.get("_lastUpdated").and_then(|text| text.strip_prefix("ge")).unwrap_or_default().to_owned();
    let updated = |one: &Value| one["meta"]["lastUpdated"].as_str().unwrap_or("9").to_owned();
    let found: Vec<Value> = all.into_iter().filter(|one| updated(one) >= since).collect();
    let page: usize = query.get("page").and_then(|text| text.parse().ok()).unwrap_or(0);
    if page > 0 && server.is_broken.load(Ordering::SeqCst) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let mut entry: Vec<Value> = found.iter().skip(2 * page).take(2).map(|one| json!({ "resource": one })).collect();
    if server.reports_error.load(Ordering::SeqCst) {
        let issue = json!([{ "severity": "error", "code": "exception" }]);
        entry.push(json!({ "resource": { "resourceType": "OperationOutcome", "issue": issue } }));
    }
    let next = format!("EpisodeOfCare?_lastUpdated=ge{since}&page={}", page + 1);
    let link = if found.len() > 2 * (page + 1) { json!([{ "relation": "next", "url": next }]) } else { json!([]) };
    let bundle = json!({ "resourceType": "Bundle", "type": "searchset", "entry": entry, "link": link });
    Ok(bundle.to_string())
}

/// An episode that changed some minutes ago.
fn episode(id: &str, minutes_ago: i64, more: Value) -> Value {
    let changed = Timestamp::from_second((SystemClock.now() - minutes_ago.minutes()).as_second()).unwrap();
    let mut value = json!({ "resourceType": "EpisodeOfCare", "id": id, "status": "active",
        "meta": { "lastUpdated": changed.to_string() }, "patient": { "reference": format!("Patient/{id}") },
        "period": { "start": "2026-01-05" } });
    let Value::Object(more) = more else { panic!("an object") };
    value.as_object_mut().unwrap().extend(more);
    value
}

/// The sync over one source, `community`, which gives these episodes.
async fn sync_with(server: &Episodes, budget: Budget) -> (Scene, CareListSync) {
    let scene = Scene::with(vec![]).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/metadata", get(metadata)).route("/EpisodeOfCare", get(search));
    let router = router.with_state(server.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut registry = scene.service.sources.state().registry.clone();
    for system in &mut registry.systems {
        (system.id, system.base_url) = (SourceId::new("community"), base_url.clone());
    }
    scene.service.sources.set_registry(registry);
    let sync = CareListSync {
        store: scene.service.store.clone(),
        keys: scene.service.pushed_items.keys.clone(),
        hashed_ids: scene.service.hashed_ids.clone(),
        reader: scene.list_reader(budget),
    };
    (scene, sync)
}

fn server(episodes: Vec<Value>) -> Episodes {
    let server = Episodes { has_last_updated: true, ..Episodes::default() };
    server.set(episodes);
    server
}

async fn published(sync: &CareListSync) -> Vec<(CareLinkReceived, CareLink)> {
    let rows = sync.store.outbox().after(Stream::Feeds, 0, 100).await.unwrap();
    let open = |row: lcr_store::OutboxRow| {
        let event: CareLinkReceived = row.event.body().unwrap().unwrap();
        let plain = sync.keys.open("feeds/care-link", &event.sealed).unwrap();
        (event, serde_json::from_slice(&plain).unwrap())
    };
    rows.into_iter().map(open).collect()
}

async fn row(sync: &CareListSync) -> Progress {
    care_list::load_progress(sync.store.read(), "community").await.unwrap().unwrap()
}

/// Makes all of the source's episodes due again, as time does.
async fn make_due(sync: &CareListSync) {
    sync.save_row(Progress { due: 1, ..row(sync).await }).await.unwrap();
}

/// Reads the source's episodes now, although it may pause.
async fn read(scene: &Scene, sync: &CareListSync) {
    sync.sync_list(scene.service.sources.state().registry.systems[0].clone()).await;
}

#[tokio::test]
async fn an_episode_is_published_when_it_starts_changes_and_ends() {
    let server = server(vec![episode("e1", 30, json!({}))]);
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    let (event, link) = published(&sync).await.remove(0);
    assert_eq!((event.identity.local_id.0.as_str(), event.link.as_str()), ("e1", "EpisodeOfCare/e1"));
    assert_eq!((&link.kind, link.organisation.as_str()), (&CareLinkKind::Caseload, "Z9M01"));
    assert!(link.stands && link.until.is_none() && link.from.is_some());
    server.set(vec![episode("e1", 20, json!({ "team": [{ "display": "East team" }] }))]);
    sync.run_round().await;
    server.set(vec![episode("e1", 10, json!({ "status": "finished" }))]);
    sync.run_round().await;
    let all = published(&sync).await;
    assert_eq!((all.len(), all[1].1.team.as_deref()), (3, Some("East team")));
    assert!(all[2].1.until.is_some(), "a finished episode without an end ended when it was changed");
    assert!(all.windows(2).all(|two| two[0].0.version < two[1].0.version));
}

#[tokio::test]
async fn all_pages_are_read_once_and_then_only_changes() {
    let mut episodes: Vec<Value> = (1..=5).map(|n| episode(&format!("e{n}"), 30 + n, json!({}))).collect();
    let server = server(episodes.clone());
    let (_scene, sync) = sync_with(&server, Budget { pages: 2, ..Budget::default() }).await;
    assert_eq!(sync.sources_read().await, 0);
    sync.run_round().await;
    assert_eq!((published(&sync).await.len(), server.asked().0), (4, 2), "the budget is two pages");
    sync.run_round().await;
    assert_eq!((published(&sync).await.len(), server.asked().0), (5, 1), "the rest follows in the next round");
    assert_eq!(sync.sources_read().await, 1);
    sync.run_round().await;
    let (pages, since) = server.asked();
    assert!(pages == 1 && since.is_some_and(|since| since.starts_with("ge20")), "only changes");
    episodes.push(episode("e6", 1, json!({})));
    server.set(episodes);
    sync.run_round().await;
    assert_eq!(published(&sync).await.len(), 6);
}

#[tokio::test]
async fn an_episode_that_is_not_listed_any_more_ends_until_it_is_listed_again() {
    let episodes = vec![
        episode("e1", 30, json!({ "status": "finished" })),
        episode("e2", 30, json!({})),
        episode("e3", 30, json!({ "status": "finished", "meta": {} })),
    ];
    let server = server(episodes.clone());
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    let read_all = async |listed: Vec<Value>| {
        server.set(listed);
        make_due(&sync).await;
        sync.run_round().await;
        published(&sync).await
    };
    sync.run_round().await;
    let all = read_all(episodes.clone()).await;
    assert_eq!(all.len(), 3, "nothing is published twice");
    let open = all.into_iter().find(|(event, _)| event.link == "EpisodeOfCare/e2").unwrap().0;
    let (event, link) = read_all(episodes[..1].to_vec()).await.remove(3);
    assert_eq!((event.link.as_str(), &event.identity, link.stands), ("EpisodeOfCare/e2", &open.identity, false));
    assert!(event.version > open.version);
    let soon = (SystemClock.now() + 11.minutes()).as_microsecond();
    assert!(row(&sync).await.due < soon, "a page may have been wrong, so all are read again soon");
    assert_eq!(read_all(vec![]).await.len(), 4, "an episode that had ended or ended so is not ended twice");
    let all = read_all(episodes).await;
    assert!(all.len() == 5 && all[4].1.stands && all[4].0.version > event.version);
}

#[tokio::test]
async fn a_reading_that_reports_an_error_ends_nothing() {
    let server = server(vec![episode("e1", 30, json!({}))]);
    let (scene, sync) = sync_with(&server, Budget::default()).await;
    read(&scene, &sync).await;
    server.set(vec![]);
    server.reports_error.store(true, Ordering::SeqCst);
    make_due(&sync).await;
    read(&scene, &sync).await;
    assert_eq!(published(&sync).await.len(), 1, "the list is not complete");
    server.reports_error.store(false, Ordering::SeqCst);
    read(&scene, &sync).await;
    assert_eq!(published(&sync).await.len(), 2);
}

/// A late push may have replaced what was read, and consumers follow the higher version.
#[tokio::test]
async fn a_reading_of_all_publishes_a_link_again_once_a_day() {
    let finished = json!({ "status": "finished", "period": { "end": "2020-02-01" } });
    let server = server(vec![
        episode("e1", 3 * 24 * 60, finished),
        episode("e2", 3 * 24 * 60, json!({ "period": { "end": "2999-01-01" } })),
    ]);
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    let before = SystemClock.now().as_microsecond();
    for count in [2, 4, 4] {
        sync.run_round().await;
        assert_eq!(published(&sync).await.len(), count);
        make_due(&sync).await;
    }
    let all = published(&sync).await;
    assert!(all[2..].iter().all(|(event, _)| event.version >= before), "newer than any push so far");
    assert!(all.iter().all(|(event, link)| event.link != "EpisodeOfCare/e1" || link.until.is_some()));
    let starts: Vec<_> =
        all.iter().filter(|(event, _)| event.link == "EpisodeOfCare/e2").map(|one| one.1.from).collect();
    assert!(starts[0].is_some() && starts[0] == starts[1], "a link without a start does not begin again");
}

#[tokio::test]
async fn a_link_whose_episode_cannot_be_read_any_more_does_not_stand() {
    for more in [
        json!({ "status": "entered-in-error", "period": { "end": "soon" } }),
        json!({ "period": { "end": "soon" } }),
        json!({ "period": "2026" }),
        json!({ "status": "closed" }),
        json!({ "patient": { "reference": "https://other.example/Patient/e1" } }),
    ] {
        let server = server(vec![episode("e1", 30, json!({}))]);
        let (_scene, sync) = sync_with(&server, Budget::default()).await;
        sync.run_round().await;
        server.set(vec![episode("e1", 5, more.clone())]);
        sync.run_round().await;
        let all = published(&sync).await;
        assert!(all.len() == 2 && all[0].1.stands && !all[1].1.stands, "{more}");
        assert!(all[0].0.version < all[1].0.version && all[0].0.identity == all[1].0.identity, "{more}");
    }
}

#[tokio::test]
async fn a_list_whose_next_page_never_comes_begins_anew_after_ten_failures() {
    let server = server((1..=3).map(|n| episode(&format!("e{n}"), 9, json!({}))).collect());
    let (scene, sync) = sync_with(&server, Budget::default()).await;
    server.is_broken.store(true, Ordering::SeqCst);
    for failure in 1..=10 {
        read(&scene, &sync).await;
        assert_eq!(row(&sync).await.next.is_some(), failure < 10, "failure {failure}");
    }
    server.is_broken.store(false, Ordering::SeqCst);
    server.asked();
    make_due(&sync).await;
    read(&scene, &sync).await;
    assert_eq!((server.asked().0, published(&sync).await.len()), (2, 3), "from the first page");
}

#[tokio::test]
async fn a_source_that_offers_no_episodes_is_never_searched() {
    let server = Episodes::default();
    let (scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    assert_eq!((server.asked().0, sync.sources_read().await), (0, 1), "it was asked, and has nothing to give");
    let registry = scene.service.sources.state().registry.clone();
    scene.service.sources.set_registry(Registry { systems: vec![], ..registry.clone() });
    assert_eq!(sync.sources_read().await, 0, "a source that was removed does not count");
    scene.service.sources.set_registry(registry);
    server.set(vec![episode("e1", 30, json!({}))]);
    sync.run_round().await;
    assert_eq!(server.asked().0, 0, "its statement is read again later");
    make_due(&sync).await;
    sync.run_round().await;
    assert_eq!(published(&sync).await.len(), 1);
}

#[tokio::test]
async fn a_source_that_cannot_be_asked_for_changes_is_read_whole_later() {
    let server = Episodes { has_last_updated: false, ..server(vec![episode("e1", 30, json!({}))]) };
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    sync.run_round().await;
    assert_eq!(server.asked(), (1, None), "not every round");
    server.set(vec![episode("e1", 30, json!({ "status": "cancelled" }))]);
    make_due(&sync).await;
    sync.run_round().await;
    let all = published(&sync).await;
    assert!(all.len() == 2 && !all[1].1.stands);
    assert!(all[1].0.version > all[0].0.version, "a change with the same time of change is newer all the same");
}

#[tokio::test]
async fn a_source_that_refuses_a_page_is_left_alone_for_a_while() {
    let server = server(vec![]);
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    *server.list.lock().unwrap() = None;
    sync.run_round().await;
    server.asked();
    sync.run_round().await;
    assert_eq!(server.asked().0, 0);
}

#[tokio::test]
async fn an_episode_that_cannot_be_read_gives_no_link() {
    let unreadable = vec![
        episode("e1", 9, json!({ "period": { "end": "soon" } })),
        episode("e2", 9, json!({ "patient": { "display": "Somebody" } })),
        episode("e3", 9, json!({ "id": null })),
        episode("e4", 9, json!({ "status": "closed" })),
        episode("e5", 9, json!({ "patient": { "reference": "Group/g1" } })),
        episode("e6", 9, json!({ "patient": { "reference": "https://other.example/R4/Patient/e6" } })),
        episode(
            "e7",
            9,
            json!({ "patient": { "reference": format!("Patient/{NUMBER}"),
            "identifier": { "system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026" } } }),
        ),
    ];
    let server = server(unreadable);
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    assert!(published(&sync).await.is_empty());
}

#[tokio::test]
async fn ids_that_are_nhs_numbers_are_hashed() {
    let server = server(vec![episode(NUMBER, 9, json!({}))]);
    let (scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    let (event, _) = published(&sync).await.remove(0);
    assert_eq!(event.identity.local_id, scene.service.hashed_ids.local_id(&event.identity.source, NUMBER));
    assert!(!json!(event).to_string().contains(NUMBER));
}
