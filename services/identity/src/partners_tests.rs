//! Tests of `partners.rs`.

use lcr_contracts::{FailureKind, partners::sign_in::SignInChange};
use lcr_model::ServiceName;

use super::*;
use crate::systems::testing::{OWNER, Scene, administrator};

/// a token lives for five minutes; its session may end before.
#[tokio::test]
async fn a_token_whose_session_has_ended_changes_and_shows_nothing() {
    let (scene, ods) = (Scene::new().await, OdsCode::new(OWNER));
    let caller = lcr_testkit::caller(ServiceName::Gateway, administrator(OWNER));
    let service = scene.service();
    let change = PartnerChange::SignIn(SignInChange::Remove { issuer: "https://idp.example.org".into() });
    let request = PartnerRequest { organisation: ods.clone(), reason: "As agreed".into(), change };
    let failures = [
        service.change(&caller, request).await.err(),
        service.partners(&caller).await.err(),
        service.partner(&caller, &ods).await.err(),
        service.agreement_text(&caller, &ods).await.err(),
        service.people(&caller, &ods).await.err(),
        service.sessions(&caller, None).await.err(),
        service.sign_in_counts(&caller, &ods).await.err(),
    ];
    for (number, failure) in failures.into_iter().enumerate() {
        assert_eq!(failure.map(|failure| failure.kind), Some(FailureKind::Unauthenticated), "{number}");
    }
}
