//! The lists of people: no source's list blocks another's, and none is read for ever.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
};
use lcr_contracts::registry::{DatasetSwitch, Registry};
use lcr_model::SourceId;
use serde_json::{Value, json};

use super::*;
use crate::{
    list_reader::Budget,
    testing::{Scene, item, owner},
};

/// Which page follows a page.
type NextPage = fn(usize) -> Option<usize>;

/// A page that answers 500.
const BROKEN: usize = 99;

/// Answers page after page; `next` says where the next one is.
#[derive(Clone)]
struct List {
    hits: Arc<AtomicUsize>,
    next: NextPage,
    /// Makes the first pages wait for each other.
    barrier: Option<Arc<tokio::sync::Barrier>>,
}

async fn page(State(list): State<List>, uri: Uri) -> Result<String, StatusCode> {
    list.hits.fetch_add(1, Ordering::SeqCst);
    let number: usize = uri.query().and_then(|query| query.split_once("page=")?.1.parse().ok()).unwrap_or(0);
    if number == BROKEN {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    if let Some(barrier) = list.barrier.as_ref().filter(|_| number == 0) {
        barrier.wait().await;
    }
    let one = item("Patient", &format!("p{number}"), json!({ "name": [{ "family": "Test" }] }));
    let link = (list.next)(number).map(|next| json!([{ "relation": "next", "url": format!("Patient?page={next}") }]));
    let entry: Vec<Value> = vec![json!({ "resource": one })];
    Ok(json!({ "resourceType": "Bundle", "type": "searchset", "entry": entry, "link": link }).to_string())
}

async fn sync_of(
    lists: Vec<(&str, NextPage)>,
    budget: Budget,
    barrier: Option<Arc<tokio::sync::Barrier>>,
) -> (Scene, PatientListSync, Vec<List>) {
    let scene = Scene::with(vec![]).await;
    let template = scene.service.sources.state();
    let mut registry = Registry { organisations: vec![owner(true)], systems: vec![] };
    let mut served = vec![];
    for (id, next) in lists {
        let list = List { hits: Arc::default(), next, barrier: barrier.clone() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(page).with_state(list.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let system = template.registry.systems.first().unwrap().clone();
        registry.systems.push(System { id: SourceId::new(id), authority: id == "authority", base_url, ..system });
        served.push(list);
    }
    scene.service.sources.set_registry(registry);
    let sync = PatientListSync {
        store: scene.service.store.clone(),
        keys: scene.service.pushed_items.keys.clone(),
        hashed_ids: scene.service.hashed_ids.clone(),
        lists: scene.service.lists.clone(),
        reader: scene.list_reader(budget),
    };
    (scene, sync, served)
}

async fn row(sync: &PatientListSync, source: &str) -> Model {
    store::load_list_progress(sync.store.read(), source).await.unwrap().unwrap()
}

fn small_budget() -> Budget {
    Budget { pages: 5, items: 12, ..Budget::default() }
}

#[tokio::test]
async fn an_endless_list_does_not_block_the_others() {
    let endless: NextPage = |page| Some(page + 1);
    let three: NextPage = |page| (page < 2).then_some(page + 1);
    let lists = vec![("authority", endless), ("endless", endless), ("three", three)];
    let (_scene, sync, served) = sync_of(lists, small_budget(), None).await;
    sync.run_round().await;
    assert!(row(&sync, "three").await.finished.is_some(), "read to its end in the first round");
    assert_eq!(served.iter().map(|list| list.hits.load(Ordering::SeqCst)).collect::<Vec<_>>(), [5, 5, 3]);
    for _ in 0..4 {
        sync.run_round().await;
    }
    // Thirteen people are one more than a list may have, so it pauses then.
    assert_eq!(served[1].hits.load(Ordering::SeqCst), 13);
    assert!(row(&sync, "endless").await.finished.is_none(), "an unfinished list never says that a person is unknown");
}

#[tokio::test]
async fn a_list_that_names_a_page_twice_stops_and_pauses() {
    let (_scene, sync, served) = sync_of(vec![("round", |page| Some((page + 1) % 3))], small_budget(), None).await;
    for _ in 0..4 {
        sync.run_round().await;
    }
    assert_eq!(served[0].hits.load(Ordering::SeqCst), 4, "each page once, the first under two addresses");
    let row = row(&sync, "round").await;
    assert_eq!((row.finished, row.next), (None, None), "it begins anew after its pause");
}

#[tokio::test]
async fn a_list_whose_next_page_never_comes_begins_anew_after_ten_failures() {
    let lists: Vec<(&str, NextPage)> = vec![("stuck", |page| (page == 0).then_some(BROKEN))];
    let (_scene, sync, _) = sync_of(lists, small_budget(), None).await;
    for failure in 1..=10 {
        sync.run_round().await;
        assert_eq!(row(&sync, "stuck").await.next.is_some(), failure < 10, "failure {failure}");
    }
}

/// The first page of each list is sent only after all three were requested.
#[tokio::test]
async fn lists_are_read_at_the_same_time() {
    let four: NextPage = |page| (page < 3).then_some(page + 1);
    let barrier = Arc::new(tokio::sync::Barrier::new(3));
    let lists = vec![("a", four), ("b", four), ("c", four)];
    let (_scene, sync, _) = sync_of(lists, small_budget(), Some(barrier)).await;
    tokio::time::timeout(Duration::from_secs(10), sync.run_round()).await.expect("no list waits for another");
    for source in ["a", "b", "c"] {
        assert!(row(&sync, source).await.finished.is_some(), "{source}");
    }
}

#[tokio::test]
async fn the_list_of_an_owner_who_agreed_to_nothing_or_has_not_signed_is_never_read() {
    let one: NextPage = |_| None;
    let (scene, sync, served) = sync_of(vec![("gives-nothing", one), ("gives", one)], small_budget(), None).await;
    let mut registry = Registry::clone(&scene.service.sources.state().registry);
    registry.systems[0].datasets.values_mut().for_each(|switch| *switch = DatasetSwitch::NotAgreed);
    scene.service.sources.set_registry(registry.clone());
    sync.run_round().await;
    let hits = || served.iter().map(|list| list.hits.load(Ordering::SeqCst)).collect::<Vec<_>>();
    assert_eq!((hits(), sync.progress().await.1), (vec![0, 1], 1));
    registry.organisations = vec![owner(false)];
    scene.service.sources.set_registry(registry);
    sync.run_round().await;
    assert_eq!((hits(), sync.progress().await.1), (vec![0, 1], 0));
}
