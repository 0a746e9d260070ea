//! A connector against servers with the quirks of real ones: everything that arrives is shown, and everything missing is named.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use lcr_contracts::record::{MissingReason, Partial};
use serde_json::json;

use super::*;
use server::{Scene, bundle, flag, ok, page_of, paged, patient, who};

#[path = "connector_tests/credentials.rs"]
mod credentials;
#[path = "connector_tests/server.rs"]
mod server;

/// Items, the missing part, and its reason.
type Outcome = (u32, Option<Partial>, Option<MissingReason>);
type AnswerFn = fn(&Uri, &str) -> Response;

#[tokio::test]
async fn a_server_that_pages_by_its_own_size_is_read_to_the_end() {
    let scene =
        Scene::with(|uri, base| ok(&paged(page_of(uri), 10, 235, |page| format!("{base}/Flag?page={page}")))).await;
    let answer = scene.fetch(ResourceType::Flag).await;
    assert_eq!((answer.items.len(), answer.partial, answer.reason), (235, None, None));
    assert_eq!(scene.hits(), 24);
}

#[tokio::test]
async fn links_of_a_server_behind_a_proxy_are_called_at_the_source_itself() {
    for next in ["http://fhir.internal.example:8080/r4/Flag?page=", "/r4/Flag?page=", "Flag?page="] {
        let scene = Scene::with(move |uri, _| ok(&paged(page_of(uri), 2, 5, |page| format!("{next}{page}")))).await;
        let answer = scene.fetch(ResourceType::Flag).await;
        assert_eq!((answer.items.len(), answer.partial), (5, None), "{next}");
    }
}

async fn check_cases<const N: usize>(cases: [(&str, AnswerFn, Outcome); N]) {
    for (name, answer_with, expected) in cases {
        let answer = Scene::with(answer_with).await.fetch(ResourceType::Flag).await;
        let outcome = (u32::try_from(answer.items.len()).unwrap(), answer.partial, answer.reason);
        assert_eq!(outcome, expected, "{name}");
        assert!(matches!(answer.outcome, QueryOutcome::Answered { .. }), "{name}");
    }
}

#[tokio::test]
async fn the_part_that_arrived_is_kept_and_the_rest_is_named() {
    let missing = |came, total, reason| (came, Some(Partial { came, total }), Some(reason));
    let cases: [(&str, AnswerFn, Outcome); 6] = [
        ("no next page", |_, _| ok(&bundle(&[flag(1), flag(2)], Some(5), None)), {
            missing(2, Some(5), MissingReason::TotalNotReached)
        }),
        (
            "a later page fails",
            |uri, base| match page_of(uri) {
                0 => ok(&paged(0, 2, 5, |page| format!("{base}/Flag?page={page}"))),
                _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            },
            missing(2, Some(5), MissingReason::Refused(500)),
        ),
        (
            "a later page is not FHIR",
            |uri, base| match page_of(uri) {
                0 => ok(&paged(0, 2, 5, |page| format!("{base}/Flag?page={page}"))),
                _ => "<html>".into_response(),
            },
            missing(2, Some(5), MissingReason::AnswerNotReadable),
        ),
        (
            "a link that leads elsewhere",
            |_, _| ok(&paged(0, 2, 5, |_| "https://evil.example/pages/2".into())),
            missing(2, Some(5), MissingReason::LinkElsewhere),
        ),
        (
            "the same page again, without a total",
            |_, base| ok(&bundle(&[flag(1), flag(2)], None, Some(format!("{base}/Flag?page=0")))),
            missing(2, None, MissingReason::PageRepeated),
        ),
        (
            "an error beside the matches",
            |_, _| {
                let outcome = json!({ "resourceType": "OperationOutcome",
                    "issue": [{ "severity": "error", "code": "incomplete", "diagnostics": "The archive is down." }] });
                ok(&bundle(&[flag(1), outcome], None, None))
            },
            missing(1, None, MissingReason::ReportsError),
        ),
    ];
    check_cases(cases).await;
}

#[tokio::test]
async fn a_complete_answer_names_nothing_as_missing() {
    let cases: [(&str, AnswerFn, Outcome); 3] = [
        (
            "the same page again, after everything arrived",
            |_, base| ok(&bundle(&[flag(1), flag(2)], Some(2), Some(format!("{base}/Flag?page=0")))),
            (2, None, None),
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
    check_cases(cases).await;
}

#[tokio::test]
async fn an_unreadable_answer_is_distinguished_from_no_answer() {
    let cases: [(AnswerFn, MissingReason); 5] = [
        (|_, _| "<html>".into_response(), MissingReason::AnswerNotReadable),
        (|_, _| StatusCode::FORBIDDEN.into_response(), MissingReason::Refused(403)),
        (|_, _| ok(&json!({ "resourceType": "OperationOutcome", "issue": [] })), MissingReason::ReportsError),
        (|_, _| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "60")]).into_response(), MissingReason::Busy),
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
    for (answer_with, reason) in cases {
        let answer = Scene::with(answer_with).await.fetch(ResourceType::Flag).await;
        assert_eq!((answer.outcome, answer.reason), (QueryOutcome::Failed, Some(reason)));
        assert!(answer.items.is_empty());
        assert_eq!(answer.wrong_patient, reason == MissingReason::OtherPatient);
    }
    let scene = Scene::with(|_, _| {
        let body = bundle(&[flag(1)], Some(1), None).to_string();
        [b"\xef\xbb\xbf", body.as_bytes()].concat().into_response()
    });
    assert_eq!(scene.await.fetch(ResourceType::Flag).await.items.len(), 1, "a byte order mark is accepted");
}

/// Accepts six calls a second and asks the others to wait a second.
struct Bucket(Mutex<(f64, std::time::Instant)>);

impl Bucket {
    fn accepts(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        let tokens = (state.0 + state.1.elapsed().as_secs_f64() * 6.0).min(6.0);
        *state = (if tokens < 1.0 { tokens } else { tokens - 1.0 }, std::time::Instant::now());
        tokens >= 1.0
    }
}

#[tokio::test]
async fn a_busy_source_gives_every_type_within_the_deadline() {
    let bucket = Bucket(Mutex::new((6.0, std::time::Instant::now())));
    let scene = Scene::with(move |uri, _| match uri.path() {
        _ if !bucket.accepts() => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response(),
        "/fhir/Patient/7" => ok(&patient("7", &json!({}))),
        _ => ok(&bundle(&[], Some(0), None)),
    })
    .await;
    let scene = Arc::new(scene);
    let asks = ResourceType::ALL.iter().map(|resource_type| {
        let scene = scene.clone();
        async move { (*resource_type, scene.fetch_within(*resource_type, 10_000, &Progress::default()).await.outcome) }
    });
    for (resource_type, outcome) in futures::future::join_all(asks).await {
        assert!(matches!(outcome, QueryOutcome::Answered { .. }), "{resource_type:?} {outcome:?}");
    }
    assert!(!scene.connector.health().paused && !scene.connector.health().failing);
    assert!(scene.hits() < 3 * ResourceType::ALL.len(), "{} calls for {} types", scene.hits(), ResourceType::ALL.len());
}

#[tokio::test]
async fn one_bad_type_never_fails_the_others() {
    let scene = Scene::with(|uri, _| match uri.path() {
        "/fhir/Patient/7" => ok(&patient("7", &json!({}))),
        "/fhir/Flag" => ok(&bundle(&[], Some(0), None)),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    })
    .await;
    for resource_type in [ResourceType::Flag].iter().chain(ResourceType::ALL) {
        scene.fetch(*resource_type).await;
    }
    assert!(!scene.connector.health().paused);
    assert!(matches!(scene.fetch(ResourceType::Patient).await.outcome, QueryOutcome::Answered { .. }));
}

#[tokio::test]
async fn a_patient_with_a_new_id_is_the_same_person_if_it_links_to_the_old_id() {
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
        let (read, items) = (scene.fetch(ResourceType::Patient).await, scene.fetch(ResourceType::Flag).await);
        assert_eq!((read.items.len(), items.items.len()), if same { (1, 2) } else { (0, 0) });
        assert_eq!((read.wrong_patient, items.wrong_patient), (!same, !same));
    }
}

#[tokio::test]
async fn a_partial_answer_is_shown_at_the_deadline_and_never_cached_as_complete() {
    let scene = Scene::with(|uri, base| {
        if page_of(uri) > 0 {
            std::thread::sleep(Duration::from_millis(400));
        }
        ok(&paged(page_of(uri), 2, 4, |page| format!("{base}/Flag?page={page}")))
    })
    .await;
    let progress = Arc::new(Progress::default());
    let late = scene.fetch_within(ResourceType::Flag, 250, &progress).await;
    let part = Some(Partial { came: 2, total: Some(4) });
    assert_eq!((late.items.len(), late.partial, late.reason), (2, part, Some(MissingReason::TooSlow)));
    let shown = scene.fallback(ResourceType::Flag, &progress).await;
    assert_eq!((shown.items.len(), shown.partial), (2, part));
    let complete = scene.fetch(ResourceType::Flag).await;
    assert_eq!((complete.items.len(), complete.partial), (4, None), "the partial answer is not served from the cache");
    let hits = scene.hits();
    assert_eq!(scene.fetch(ResourceType::Flag).await.items.len(), 4);
    assert_eq!(scene.hits(), hits, "the complete answer is served from the cache");
}

#[tokio::test]
async fn a_document_is_fetched_again_once_after_a_failure() {
    let tried = AtomicUsize::new(0);
    let scene = Scene::with(move |_, _| match tried.fetch_add(1, Ordering::SeqCst) {
        0 => StatusCode::BAD_GATEWAY.into_response(),
        _ => "letter".into_response(),
    })
    .await;
    let bytes = scene.connector.fetch_document("Binary/1", Duration::from_secs(2)).await.unwrap();
    assert_eq!((&bytes[..], scene.hits()), (&b"letter"[..], 2));
    let down = Scene::with(|_, _| StatusCode::BAD_GATEWAY.into_response()).await;
    assert!(down.connector.fetch_document("Binary/1", Duration::from_secs(2)).await.is_err());
    assert_eq!(down.hits(), 2);
}

#[tokio::test]
async fn a_referenced_medicine_gets_its_name_from_its_own_record() {
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
    let answer = scene.fetch(ResourceType::MedicationRequest).await;
    let names: Vec<Option<&str>> =
        answer.items.iter().map(|item| item.value()["medicationReference"]["display"].as_str()).collect();
    let withdrawn = Some("Medicine withdrawn by its source");
    assert_eq!(names, [Some("Warfarin 3 mg"), Some("Warfarin 3 mg"), None, None, withdrawn]);
    assert_eq!((answer.partial, answer.reason), (None, None), "the list itself is complete");
}

#[tokio::test]
async fn an_endless_answer_uses_its_byte_budget_and_returns_it() {
    let scene = Scene::with(|uri, base| {
        let page = page_of(uri);
        let mut one = flag(page);
        one["code"]["text"] = json!("x".repeat(2 << 20));
        ok(&bundle(&[one], None, Some(format!("{base}/Flag?patient=7&page={}", page + 1))))
    })
    .await;
    let (retries, budget) = (RetryBudget::new(12), scene.connector.view_budget());
    let until = Instant::now() + Duration::from_secs(20);
    let (connector, progress) = (&scene.connector, Progress::default());
    let who = connector.person(who()).await;
    let answer = connector.fetch_type(ResourceType::Flag, &who, until, (&retries, &budget), &progress).await;
    assert_eq!(answer.reason, Some(MissingReason::TooLarge));
    assert!((8..=12).contains(&answer.items.len()), "{} pages of 2 MB", answer.items.len());
    assert!(!budget.take(2 << 20), "nothing more in this view");
    assert!(scene.connector.view_budget().take(2 << 20), "another view has its own budget");
    drop(budget);
    assert!(scene.connector.view_budget().take(24 << 20), "returned");
}
