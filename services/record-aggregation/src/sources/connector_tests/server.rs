//! A FHIR server on this machine for the connector's tests. It must answer only what a test defines.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    http::Uri,
    response::{IntoResponse, Response},
};
use lcr_cache::{EmbeddedCache, SealedCache};
use lcr_contracts::registry::SystemSetup;
use lcr_model::{NhsNumber, OdsCode, SourceId, SystemClock, seal::DataKeys};
use lcr_web::EgressRules;
use serde_json::{Value, json};

use super::super::*;

type Answer = dyn Fn(&Uri, &str) -> Response + Send + Sync;

/// A server on this machine, and the connector that reads it.
pub struct Scene {
    pub connector: Arc<Connector>,
    hits: Arc<AtomicUsize>,
}

impl Scene {
    pub async fn with(answer: impl Fn(&Uri, &str) -> Response + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/fhir", listener.local_addr().unwrap());
        let (hits, answer): (_, Arc<Answer>) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let (counter, address) = (hits.clone(), base.clone());
        let handler = move |uri: Uri| {
            counter.fetch_add(1, Ordering::SeqCst);
            let response = answer(&uri, &address);
            async move { response }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
        Self { connector: Arc::new(connect(system(&base), &data_keys())), hits }
    }

    pub async fn fetch(&self, resource_type: ResourceType) -> TypeAnswer {
        self.fetch_within(resource_type, 5000, &Progress::default()).await
    }

    pub async fn fetch_within(&self, resource_type: ResourceType, millis: u64, progress: &Progress) -> TypeAnswer {
        let until = Instant::now() + Duration::from_millis(millis);
        let (retries, budget) = (RetryBudget::new(12), self.connector.view_budget());
        let who = self.connector.person(who()).await;
        self.connector.fetch_type(resource_type, &who, until, (&retries, &budget), progress).await
    }

    pub async fn fallback(&self, resource_type: ResourceType, progress: &Progress) -> TypeAnswer {
        let who = self.connector.person(who()).await;
        self.connector.fallback(resource_type, &who, &self.connector.view_budget(), progress).await
    }

    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

pub fn data_keys() -> Arc<DataKeys> {
    Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap())
}

/// The connector of a system on this machine.
pub fn connect(system: System, keys: &Arc<DataKeys>) -> Connector {
    let cache = AnswerCache::new(SealedCache::new(Arc::new(EmbeddedCache::new(16 << 20)), keys.clone()));
    let outbound = Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap();
    let metrics = crate::Metrics::new(&lcr_observe::Meter::new()).unwrap().sources;
    Connector::new(system, outbound, keys, cache, Arc::new(SystemClock), metrics).unwrap()
}

pub fn system(base: &str) -> System {
    System {
        id: SourceId::new("quirk"),
        name: "Quirk Clinic".into(),
        organisation: OdsCode::new("Z9Q01"),
        base_url: base.into(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: BTreeMap::new(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

pub fn who() -> PersonIds {
    PersonIds {
        local_id: "7".into(),
        local_ids: BTreeSet::from(["7".into()]),
        nhs_numbers: BTreeSet::from([NhsNumber::parse("9990000018").unwrap()]),
    }
}

pub fn flag(id: usize) -> Value {
    json!({ "resourceType": "Flag", "id": id.to_string(), "status": "active", "code": { "text": "Falls" },
        "subject": { "reference": "Patient/7" } })
}

pub fn patient(id: &str, more: &Value) -> Value {
    let mut value = json!({ "resourceType": "Patient", "id": id });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

pub fn ok(body: &Value) -> Response {
    body.to_string().into_response()
}

pub fn bundle(resources: &[Value], total: Option<usize>, next: Option<String>) -> Value {
    let entries: Vec<Value> = resources.iter().map(|one| json!({ "resource": one })).collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries });
    if let Some(total) = total {
        bundle["total"] = json!(total);
    }
    if let Some(next) = next {
        bundle["link"] = json!([{ "relation": "next", "url": next }]);
    }
    bundle
}

pub fn page_of(uri: &Uri) -> usize {
    let query = uri.query().unwrap_or_default();
    query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok()).unwrap_or(0)
}

/// Page `number` of `total` flags, with `size` a page. `next` makes the next page's link.
pub fn paged(number: usize, size: usize, total: usize, next: impl Fn(usize) -> String) -> Value {
    let all: Vec<Value> = (0..total).map(flag).collect();
    let part: Vec<Value> = all.iter().skip(number * size).take(size).cloned().collect();
    bundle(&part, Some(total), ((number + 1) * size < total).then(|| next(number + 1)))
}
