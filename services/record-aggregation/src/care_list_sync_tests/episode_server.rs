//! A FHIR server with episodes, for tests, and what was published about them.

use super::*;

/// A patient's id that is an NHS number.
pub(super) const NUMBER: &str = "9990000018";

/// A FHIR server with episodes, two on a page.
#[derive(Clone, Default)]
pub(super) struct Episodes {
    /// Episodes with their time of change. `None` for a server that offers no episodes.
    pub(super) list: Arc<Mutex<Option<Vec<Value>>>>,
    pub(super) has_last_updated: bool,
    /// Whether every page but the first answers 500.
    pub(super) is_broken: Arc<AtomicBool>,
    /// Whether pages report an error.
    pub(super) reports_error: Arc<AtomicBool>,
    pub queries: Arc<Mutex<Vec<HashMap<String, String>>>>,
}

impl Episodes {
    pub(super) fn set(&self, episodes: Vec<Value>) {
        *self.list.lock().unwrap() = Some(episodes);
    }

    /// How many pages were asked for since the last call, and the time since which changes were asked for.
    pub(super) fn asked(&self) -> (usize, Option<String>) {
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
pub(super) fn episode(id: &str, minutes_ago: i64, more: Value) -> Value {
    let changed = Timestamp::from_second((SystemClock.now() - minutes_ago.minutes()).as_second()).unwrap();
    let mut value = json!({ "resourceType": "EpisodeOfCare", "id": id, "status": "active",
        "meta": { "lastUpdated": changed.to_string() }, "patient": { "reference": format!("Patient/{id}") },
        "period": { "start": "2026-01-05" } });
    let Value::Object(more) = more else { panic!("an object") };
    value.as_object_mut().unwrap().extend(more);
    value
}

/// The sync over one source, `community`, which gives these episodes.
pub(super) async fn sync_with(server: &Episodes, budget: Budget) -> (Scene, CareListSync) {
    let scene = Scene::with(vec![]).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/metadata", get(metadata)).route("/EpisodeOfCare", get(search));
    let router = router.with_state(server.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut registry = Registry::clone(&scene.service.sources.state().registry);
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

pub(super) fn server(episodes: Vec<Value>) -> Episodes {
    let server = Episodes { has_last_updated: true, ..Episodes::default() };
    server.set(episodes);
    server
}

pub(super) async fn published(sync: &CareListSync) -> Vec<(CareLinkReceived, CareLink)> {
    let rows = sync.store.outbox().after(Stream::Feeds, 0, 100).await.unwrap();
    let open = |row: lcr_store::OutboxRow| {
        let event: CareLinkReceived = row.event.body().unwrap().unwrap();
        let plain = sync.keys.open("feeds/care-link", &event.sealed).unwrap();
        (event, serde_json::from_slice(&plain).unwrap())
    };
    rows.into_iter().map(open).collect()
}

pub(super) async fn row(sync: &CareListSync) -> Progress {
    care_list::load_progress(sync.store.read(), "community").await.unwrap().unwrap()
}

/// Makes all of the source's episodes due again, as time does.
pub(super) async fn make_due(sync: &CareListSync) {
    sync.save_row(Progress { due: 1, ..row(sync).await }).await.unwrap();
}

/// Reads the source's episodes now, although it may pause.
pub(super) async fn read(scene: &Scene, sync: &CareListSync) {
    sync.sync_list(scene.service.sources.state().registry.systems[0].clone()).await;
}
