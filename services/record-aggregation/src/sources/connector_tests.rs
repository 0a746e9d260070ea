//! A source with the ways of real servers: what it sends is shown, and what is missing is said to be missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use lcr_cache::{EmbeddedCache, SealedCache};
use lcr_contracts::record::{MissingReason, Partial};
use lcr_model::{NhsNumber, OdsCode, SourceId, SystemClock, seal::DataKeys};
use lcr_web::EgressRules;
use serde_json::{Value, json};

use super::*;

/// Items, what is said to be missing, and why.
type Came = (u32, Option<Partial>, Option<MissingReason>);
type Answer = dyn Fn(&Uri, &str) -> Response + Send + Sync;

/// A server on this machine that answers as told, and the connector that reads it.
struct Scene {
    connector: Arc<Connector>,
    hits: Arc<AtomicUsize>,
}

impl Scene {
    async fn with(answer: impl Fn(&Uri, &str) -> Response + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/fhir", listener.local_addr().unwrap());
        let (hits, answer): (_, Arc<Answer>) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let (counted, shown) = (hits.clone(), base.clone());
        let handler = move |uri: Uri| {
            counted.fetch_add(1, Ordering::SeqCst);
            let response = answer(&uri, &shown);
            async move { response }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
        let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
        let cache = SealedCache::new(Arc::new(EmbeddedCache::new(16 << 20)), keys);
        let outbound = Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap();
        let numbers = crate::Numbers::new(&lcr_observe::Meter::new()).unwrap().sources;
        let connector = Connector::new(system(&base), outbound, cache, Arc::new(SystemClock), numbers);
        Self { connector: Arc::new(connector.unwrap()), hits }
    }

    async fn ask(&self, kind: Kind) -> TypeAnswer {
        self.ask_within(kind, 5000, &Progress::default()).await
    }

    async fn ask_within(&self, kind: Kind, millis: u64, progress: &Progress) -> TypeAnswer {
        let until = Instant::now() + Duration::from_millis(millis);
        let (retries, bytes) = (RetryBudget::of(12), self.connector.view_bytes());
        self.connector.ask(kind, &who(), until, (&retries, &bytes), progress).await
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

fn system(base: &str) -> System {
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
        feed: None,
    }
}

fn who() -> Who {
    Who {
        local_id: "7".into(),
        local_ids: BTreeSet::from(["7".into()]),
        numbers: BTreeSet::from([NhsNumber::parse("9990000018").unwrap()]),
    }
}

fn flag(id: usize) -> Value {
    json!({ "resourceType": "Flag", "id": id.to_string(), "status": "active", "code": { "text": "Falls" },
        "subject": { "reference": "Patient/7" } })
}

fn patient(id: &str, more: &Value) -> Value {
    let mut value = json!({ "resourceType": "Patient", "id": id });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

fn ok(body: &Value) -> Response {
    body.to_string().into_response()
}

fn bundle(resources: &[Value], total: Option<usize>, next: Option<String>) -> Value {
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

fn page_of(uri: &Uri) -> usize {
    let query = uri.query().unwrap_or_default();
    query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok()).unwrap_or(0)
}

/// Page `number` of `total` flags by `size`, and what stands for the address of the next one.
fn paged(number: usize, size: usize, total: usize, next: impl Fn(usize) -> String) -> Value {
    let all: Vec<Value> = (0..total).map(flag).collect();
    let part: Vec<Value> = all.iter().skip(number * size).take(size).cloned().collect();
    bundle(&part, Some(total), ((number + 1) * size < total).then(|| next(number + 1)))
}

#[tokio::test]
async fn a_server_that_pages_by_its_own_size_is_read_to_the_end() {
    let scene =
        Scene::with(|uri, base| ok(&paged(page_of(uri), 10, 235, |page| format!("{base}/Flag?page={page}"))))
            .await;
    let answer = scene.ask(Kind::Flag).await;
    assert_eq!((answer.items.len(), answer.partial, answer.reason), (235, None, None));
    assert_eq!(scene.hits(), 24);
}

#[tokio::test]
async fn links_of_a_server_behind_a_proxy_are_called_at_the_source_itself() {
    for next in ["http://fhir.internal.example:8080/r4/Flag?page=", "/r4/Flag?page=", "Flag?page="] {
        let scene =
            Scene::with(move |uri, _| ok(&paged(page_of(uri), 2, 5, |page| format!("{next}{page}")))).await;
        let answer = scene.ask(Kind::Flag).await;
        assert_eq!((answer.items.len(), answer.partial), (5, None), "{next}");
    }
}

#[tokio::test]
async fn what_came_is_kept_and_the_rest_is_named() {
    type Way = fn(&Uri, &str) -> Response;
    let five = |came, total, reason| (came, Some(Partial { came, total }), Some(reason));
    let ways: [(&str, Way, Came); 9] = [
        ("no next page", |_, _| ok(&bundle(&[flag(1), flag(2)], Some(5), None)), {
            five(2, Some(5), MissingReason::TotalNotReached)
        }),
        (
            "a later page fails",
            |uri, base| match page_of(uri) {
                0 => ok(&paged(0, 2, 5, |page| format!("{base}/Flag?page={page}"))),
                _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            },
            five(2, Some(5), MissingReason::Refused(500)),
        ),
        (
            "a later page is not FHIR",
            |uri, base| match page_of(uri) {
                0 => ok(&paged(0, 2, 5, |page| format!("{base}/Flag?page={page}"))),
                _ => "<html>".into_response(),
            },
            five(2, Some(5), MissingReason::AnswerNotReadable),
        ),
        (
            "a link that leads elsewhere",
            |_, _| ok(&paged(0, 2, 5, |_| "https://evil.example/pages/2".into())),
            five(2, Some(5), MissingReason::LinkElsewhere),
        ),
        (
            "the same page again, without a total",
            |_, base| ok(&bundle(&[flag(1), flag(2)], None, Some(format!("{base}/Flag?page=0")))),
            five(2, None, MissingReason::PageRepeated),
        ),
        (
            "the same page again, all having come",
            |_, base| ok(&bundle(&[flag(1), flag(2)], Some(2), Some(format!("{base}/Flag?page=0")))),
            (2, None, None),
        ),
        (
            "an error beside the matches",
            |_, _| {
                let outcome = json!({ "resourceType": "OperationOutcome",
                    "issue": [{ "severity": "error", "code": "incomplete", "diagnostics": "The archive is down." }] });
                ok(&bundle(&[flag(1), outcome], None, None))
            },
            five(1, None, MissingReason::ReportsError),
        ),
        (
            "pages that overlap",
            |uri, base| {
                let page = page_of(uri);
                let part = [flag(page), flag(page + 1)];
                ok(&bundle(&part, Some(4), (page < 2).then(|| format!("{base}/Flag?page={}", page + 1))))
            },
            (4, None, None),
        ),
        (
            "an item that names no patient",
            |_, _| {
                let mut unnamed = flag(2);
                unnamed["subject"] = json!({ "display": "SMITH" });
                ok(&bundle(&[flag(1), unnamed], Some(2), None))
            },
            (1, None, None),
        ),
    ];
    for (name, way, (items, partial, reason)) in ways {
        let scene = Scene::with(way).await;
        let answer = scene.ask(Kind::Flag).await;
        let came = (u32::try_from(answer.items.len()).unwrap(), answer.partial, answer.reason);
        assert_eq!(came, (items, partial, reason), "{name}");
        assert!(matches!(answer.ended, Ended::Answered { .. }), "{name}");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_told_from_no_answer() {
    type Way = fn(&Uri, &str) -> Response;
    let ways: [(Way, MissingReason); 5] = [
        (|_, _| "<html>".into_response(), MissingReason::AnswerNotReadable),
        (|_, _| StatusCode::FORBIDDEN.into_response(), MissingReason::Refused(403)),
        (|_, _| ok(&json!({ "resourceType": "OperationOutcome", "issue": [] })), MissingReason::ReportsError),
        (
            |_, _| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "60")]).into_response(),
            MissingReason::Busy,
        ),
        (
            |_, _| {
                ok(&bundle(
                    &[json!({ "resourceType": "Flag", "id": "1", "status": "active",
            "code": { "text": "Falls" }, "subject": { "reference": "Patient/9" } })],
                    None,
                    None,
                ))
            },
            MissingReason::OtherPatient,
        ),
    ];
    for (way, reason) in ways {
        let answer = Scene::with(way).await.ask(Kind::Flag).await;
        assert_eq!((answer.ended, answer.reason), (Ended::Failed, Some(reason)));
        assert!(answer.items.is_empty());
        assert_eq!(answer.wrong_patient, reason == MissingReason::OtherPatient);
    }
    let scene = Scene::with(|_, _| {
        let body = bundle(&[flag(1)], Some(1), None).to_string();
        [b"\xef\xbb\xbf", body.as_bytes()].concat().into_response()
    });
    assert_eq!(scene.await.ask(Kind::Flag).await.items.len(), 1, "a byte order mark is no fault");
}

/// Takes six calls a second and asks the others to wait for one.
struct Bucket(Mutex<(f64, std::time::Instant)>);

impl Bucket {
    fn takes(&self) -> bool {
        let mut held = self.0.lock().unwrap();
        let tokens = (held.0 + held.1.elapsed().as_secs_f64() * 6.0).min(6.0);
        *held = (if tokens < 1.0 { tokens } else { tokens - 1.0 }, std::time::Instant::now());
        tokens >= 1.0
    }
}

#[tokio::test]
async fn a_busy_source_gives_every_type_within_the_time_of_a_view() {
    let bucket = Bucket(Mutex::new((6.0, std::time::Instant::now())));
    let scene = Scene::with(move |uri, _| match uri.path() {
        _ if !bucket.takes() => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response(),
        "/fhir/Patient/7" => ok(&patient("7", &json!({}))),
        _ => ok(&bundle(&[], Some(0), None)),
    })
    .await;
    let scene = Arc::new(scene);
    let asks = Kind::ALL.iter().map(|kind| {
        let scene = scene.clone();
        async move { (*kind, scene.ask_within(*kind, 10_000, &Progress::default()).await.ended) }
    });
    for (kind, ended) in futures::future::join_all(asks).await {
        assert!(matches!(ended, Ended::Answered { .. }), "{kind:?} {ended:?}");
    }
    assert!(!scene.connector.health().paused && !scene.connector.health().failing);
    assert!(scene.hits() < 3 * Kind::ALL.len(), "{} calls for {} types", scene.hits(), Kind::ALL.len());
}

#[tokio::test]
async fn one_bad_type_never_fails_the_others() {
    let scene = Scene::with(|uri, _| match uri.path() {
        "/fhir/Patient/7" => ok(&patient("7", &json!({}))),
        "/fhir/Flag" => ok(&bundle(&[], Some(0), None)),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    })
    .await;
    for kind in [Kind::Flag].iter().chain(Kind::ALL) {
        scene.ask(*kind).await;
    }
    assert!(!scene.connector.health().paused);
    assert!(matches!(scene.ask(Kind::Patient).await.ended, Ended::Answered { .. }));
}

#[tokio::test]
async fn a_patient_answered_under_a_new_id_is_the_same_person_where_it_says_so() {
    let link = json!({ "link": [{ "type": "replaces", "other": { "reference": "Patient/7" } }] });
    for (more, same) in [(link, true), (json!({}), false)] {
        let scene = Scene::with(move |uri, _| {
            if uri.path() == "/fhir/Patient/7" {
                return ok(&patient("new", &more));
            }
            let mut renamed = flag(1);
            renamed["subject"]["reference"] = json!("Patient/new");
            ok(&bundle(&[renamed, flag(2)], None, None))
        })
        .await;
        let (read, items) = (scene.ask(Kind::Patient).await, scene.ask(Kind::Flag).await);
        assert_eq!((read.items.len(), items.items.len()), if same { (1, 2) } else { (0, 0) });
        assert_eq!((read.wrong_patient, items.wrong_patient), (!same, !same));
    }
}

#[tokio::test]
async fn a_part_is_shown_at_the_deadline_and_never_kept_as_the_whole() {
    let scene = Scene::with(|uri, base| {
        if page_of(uri) > 0 {
            std::thread::sleep(Duration::from_millis(400));
        }
        ok(&paged(page_of(uri), 2, 4, |page| format!("{base}/Flag?page={page}")))
    })
    .await;
    let progress = Arc::new(Progress::default());
    let late = scene.ask_within(Kind::Flag, 250, &progress).await;
    let part = Some(Partial { came: 2, total: Some(4) });
    assert_eq!((late.items.len(), late.partial, late.reason), (2, part, Some(MissingReason::TooSlow)));
    let shown = scene.connector.instead(Kind::Flag, "7", &scene.connector.view_bytes(), &progress).await;
    assert_eq!((shown.items.len(), shown.partial), (2, part));
    let whole = scene.ask(Kind::Flag).await;
    assert_eq!((whole.items.len(), whole.partial), (4, None), "the part is not served in its place");
    let hits = scene.hits();
    assert_eq!(scene.ask(Kind::Flag).await.items.len(), 4);
    assert_eq!(scene.hits(), hits, "the whole is served from its copy");
}

#[tokio::test]
async fn a_document_is_asked_for_once_more() {
    let tried = AtomicUsize::new(0);
    let scene = Scene::with(move |_, _| match tried.fetch_add(1, Ordering::SeqCst) {
        0 => StatusCode::BAD_GATEWAY.into_response(),
        _ => "letter".into_response(),
    })
    .await;
    let bytes = scene.connector.bytes("Binary/1", Duration::from_secs(2)).await.unwrap();
    assert_eq!((&bytes[..], scene.hits()), (&b"letter"[..], 2));
    let down = Scene::with(|_, _| StatusCode::BAD_GATEWAY.into_response()).await;
    assert!(down.connector.bytes("Binary/1", Duration::from_secs(2)).await.is_err());
    assert_eq!(down.hits(), 2);
}

#[tokio::test]
async fn a_medicine_that_is_only_referred_to_gets_its_name_from_its_own_record() {
    let request = |id: &str, reference: &str| {
        json!({ "resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
            "subject": { "reference": "Patient/7" }, "medicationReference": { "reference": reference } })
    };
    let scene = Scene::with(move |uri, base| match uri.path() {
        "/fhir/MedicationRequest" => ok(&bundle(
            &[
                request("1", "Medication/wf"),
                request("2", &format!("{base}/Medication/wf")),
                request("3", "Medication/gone"),
                request("4", "https://elsewhere.example/Medication/wf"),
                request("5", "Medication/error"),
            ],
            None,
            None,
        )),
        "/fhir/Medication/wf" => {
            ok(&json!({ "resourceType": "Medication", "id": "wf", "code": { "text": "Warfarin 3 mg" } }))
        }
        "/fhir/Medication/error" => {
            ok(&json!({ "resourceType": "Medication", "id": "error", "status": "entered-in-error" }))
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    })
    .await;
    let answer = scene.ask(Kind::MedicationRequest).await;
    let names: Vec<Option<&str>> =
        answer.items.iter().map(|item| item.value()["medicationReference"]["display"].as_str()).collect();
    let withdrawn = Some("Medicine withdrawn by its source");
    assert_eq!(names, [Some("Warfarin 3 mg"), Some("Warfarin 3 mg"), None, None, withdrawn]);
    assert_eq!((answer.partial, answer.reason), (None, None), "the list itself is whole");
}

/// A source that never stops sending costs its budget, once, and gives it back when the view ends.
#[tokio::test]
async fn an_endless_answer_takes_its_budget_of_bytes_and_gives_it_back() {
    let scene = Scene::with(|uri, base| {
        let page = page_of(uri);
        let mut one = flag(page);
        one["code"]["text"] = json!("x".repeat(2 << 20));
        ok(&bundle(&[one], None, Some(format!("{base}/Flag?patient=7&page={}", page + 1))))
    })
    .await;
    let (retries, bytes) = (RetryBudget::of(12), scene.connector.view_bytes());
    let until = Instant::now() + Duration::from_secs(20);
    let answer =
        scene.connector.ask(Kind::Flag, &who(), until, (&retries, &bytes), &Progress::default()).await;
    assert_eq!(answer.reason, Some(MissingReason::TooLarge));
    assert!((8..=12).contains(&answer.items.len()), "{} pages of 2 MB", answer.items.len());
    assert!(!bytes.take(2 << 20), "nothing more in this view");
    assert!(scene.connector.view_bytes().take(2 << 20), "another view has its own");
    drop(bytes);
    assert!(scene.connector.view_bytes().take(24 << 20), "given back");
}
