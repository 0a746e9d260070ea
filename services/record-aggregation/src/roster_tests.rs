//! Lists of people: no source's list keeps another from being read, and none goes round for ever.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, extract::State, http::Uri};
use lcr_web::EgressRules;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Scene, item};

/// Which page follows a page.
type Next = fn(usize) -> Option<usize>;

/// Answers page after page; `next` says where the next one is.
#[derive(Clone)]
struct List {
    hits: Arc<AtomicUsize>,
    next: Next,
    /// First pages that wait for each other.
    together: Option<Arc<tokio::sync::Barrier>>,
}

async fn page(State(list): State<List>, uri: Uri) -> String {
    list.hits.fetch_add(1, Ordering::SeqCst);
    let number: usize = uri.query().and_then(|query| query.split_once("page=")?.1.parse().ok()).unwrap_or(0);
    if let Some(together) = list.together.as_ref().filter(|_| number == 0) {
        together.wait().await;
    }
    let one = item("Patient", &format!("p{number}"), json!({ "name": [{ "family": "Test" }] }));
    let link = (list.next)(number)
        .map(|next| json!([{ "relation": "next", "url": format!("Patient?page={next}") }]));
    let entry: Vec<Value> = vec![json!({ "resource": one })];
    json!({ "resourceType": "Bundle", "type": "searchset", "entry": entry, "link": link }).to_string()
}

async fn roster(
    lists: Vec<(&str, Next)>,
    budget: Budget,
    together: Option<Arc<tokio::sync::Barrier>>,
) -> (Scene, Roster, Vec<List>) {
    let scene = Scene::with(vec![]).await;
    let (mut registry, template) =
        (lcr_contracts::identity::Registry::default(), scene.service.sources.now());
    let mut served = vec![];
    for (id, next) in lists {
        let list = List { hits: Arc::default(), next, together: together.clone() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(page).with_state(list.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let system = template.registry.systems.first().unwrap().clone();
        registry.systems.push(System {
            id: SourceId::new(id),
            authority: id == "authority",
            base_url,
            ..system
        });
        served.push(list);
    }
    scene.service.sources.adopt(registry);
    let roster = Roster {
        store: scene.service.store.clone(),
        outbound: Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap(),
        keys: scene.service.shelf.keys.clone(),
        hashed_ids: scene.service.hashed_ids.clone(),
        clock: scene.service.clock.clone(),
        sources: scene.service.sources.clone(),
        woken: Notify::new(),
        budget,
        resting: Mutex::default(),
    };
    (scene, roster, served)
}

async fn row(roster: &Roster, source: &str) -> Model {
    store::roster_of(roster.store.read(), source).await.unwrap().unwrap()
}

fn small() -> Budget {
    Budget { pages: 5, people: 12, ..Budget::default() }
}

#[tokio::test]
async fn an_endless_list_keeps_no_other_from_being_read() {
    let endless: Next = |page| Some(page + 1);
    let three: Next = |page| (page < 2).then_some(page + 1);
    let lists = vec![("authority", endless), ("endless", endless), ("three", three)];
    let (_scene, roster, served) = roster(lists, small(), None).await;
    roster.turn().await;
    assert!(row(&roster, "three").await.finished.is_some(), "read to its end in the first turn");
    assert_eq!(served.iter().map(|list| list.hits.load(Ordering::SeqCst)).collect::<Vec<_>>(), [5, 5, 3]);
    for _ in 0..4 {
        roster.turn().await;
    }
    // Thirteen people are one more than a list may have: it is left alone then.
    assert_eq!(served[1].hits.load(Ordering::SeqCst), 13);
    assert!(row(&roster, "endless").await.finished.is_none(), "nobody is called unknown by it");
}

#[tokio::test]
async fn a_list_that_names_a_page_twice_ends_and_rests() {
    let (_scene, roster, served) = roster(vec![("round", |page| Some((page + 1) % 3))], small(), None).await;
    for _ in 0..4 {
        roster.turn().await;
    }
    assert_eq!(served[0].hits.load(Ordering::SeqCst), 4, "each page once, the first under two addresses");
    let row = row(&roster, "round").await;
    assert_eq!((row.finished, row.next), (None, None), "it begins anew after its rest");
}

/// Three lists whose first pages come only once all three are asked for.
#[tokio::test]
async fn lists_are_read_at_once() {
    let four: Next = |page| (page < 3).then_some(page + 1);
    let together = Arc::new(tokio::sync::Barrier::new(3));
    let lists = vec![("a", four), ("b", four), ("c", four)];
    let (_scene, roster, _) = roster(lists, small(), Some(together)).await;
    tokio::time::timeout(Duration::from_secs(10), roster.turn()).await.expect("none waits for another's end");
    for source in ["a", "b", "c"] {
        assert!(row(&roster, source).await.finished.is_some(), "{source}");
    }
}
