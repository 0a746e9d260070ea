//! The public API: its callers, its errors, and the keys of its answers.

#![allow(clippy::unwrap_used, reason = "tests")]

use axum::{body::Body, http::Request};
use lcr_auth::{UserClaims, sign_user};
use lcr_model::Clock;
use serde_json::Value;
use tower::ServiceExt;

use super::{
    MORNING,
    fixtures::{admitted, gp},
    scene::Scene,
};

async fn get(scene: &Scene, path: &str, signed_in: bool) -> (u16, Value) {
    let mut request = Request::get(path);
    if signed_in {
        let claims = UserClaims::new(&gp().actor, "session", scene.clock.now());
        let token = sign_user(&scene.identity_key, &claims).unwrap();
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = scene.ward.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_answer_with_their_keys() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    let (status, list) = get(&scene, "/v1/inpatients?practice=Y90001", true).await;
    assert_eq!(status, 200, "{list}");
    assert_eq!(list["inpatients"][0]["place"]["value"]["ward"], "J27");
    for key in ["as_of", "view", "unmatched", "hospitals"] {
        assert!(!list[key].is_null(), "{key}");
    }
    let (status, list) = get(&scene, "/v1/discharges?practice=Y90001&days=28", true).await;
    assert_eq!((status, list["days"].as_u64(), list["discharges"].as_array().unwrap().len()), (200, Some(28), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_needs_a_token_and_errors_name_the_wrong_parameter() {
    let scene = Scene::new().await;
    assert_eq!(get(&scene, "/v1/inpatients?practice=Y90001", false).await.0, 401);
    for (path, named) in [
        ("/v1/inpatients", "practice"),
        ("/v1/inpatients?practice=Y90001&ward=J27", "ward"),
        ("/v1/inpatients?practice=%3Cb%3E", "practice"),
        ("/v1/inpatients?practice=Y90001&days=3", "practice"),
        ("/v1/discharges?practice=Y90001&days=29", "days"),
        ("/v1/stream?practice=Y90001&view=x", "view"),
    ] {
        let (status, problem) = get(&scene, path, true).await;
        assert_eq!(status, 400, "{path}");
        assert!(problem["detail"].as_str().unwrap().contains(&format!("`{named}`")), "{path}");
    }
    assert!(scene.consent.questions.lock().unwrap().is_empty(), "no decision was made");
}
