//! Requests for access: granted, or refused with the reason.

use super::*;

///
#[tokio::test]
async fn a_granted_request_lets_its_applicant_in() {
    let scene = Scene::new().await;
    let by = scene.administrator(OURS).await;
    let service = scene.service();
    let cookie = scene.applicant(OURS, "starter");
    assert!(scene.sign_in(OURS, ("starter", ""), None).await.is_err());
    let ask = |role| NewAccessRequest { role, reason: "I started today.".into() };
    let request = service.request_access(&cookie, ask(Role::Receptionist)).await.unwrap();
    assert_eq!(request.decide_by, "2026-11-26T10:00:00Z".parse().unwrap());
    assert_eq!(service.request_access(&cookie, ask(Role::Gp)).await.unwrap_err().kind, FailureKind::Conflict);
    let other = scene.administrator(OTHERS).await;
    let grant = |decision| PeopleChange::DecideRequest { request: request.id.clone(), decision, role: None };
    assert!(scene.change(&other, OURS, grant(Decision::Granted)).await.is_err());
    scene.change(&by, OURS, grant(Decision::Granted)).await.unwrap();
    assert!(scene.change(&by, OURS, grant(Decision::Refused)).await.is_err(), "it is decided");
    let status = service.applicant(&cookie).await.unwrap().unwrap();
    assert_eq!(status.requests[0].decision, Some(Decision::Granted));
    assert_eq!(scene.sign_in(OURS, ("starter", ""), None).await.unwrap().actor.role, Role::Receptionist);
}
