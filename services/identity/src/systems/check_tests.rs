//! A check is stored with its connection, and decides whether a system may go live.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::partners::system::SystemChange;

use super::*;
use crate::systems::testing::{OWNER, RECEIVER, Scene, administrator, draft, sender};

fn check_of(id: &str) -> SystemChange {
    SystemChange::Check { system: SourceId::new(id) }
}

async fn report_of(scene: &Scene, id: &str) -> CheckReport {
    let ChangeResult::Report(report) = scene.change(check_of(id)).await.unwrap() else { panic!("no report") };
    report
}

#[tokio::test]
async fn a_system_that_does_not_answer_does_not_pass() {
    let scene = Scene::new().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base_url = format!("http://{free}/fhir");
    scene.put(lcr_contracts::partners::system::SystemDraft { base_url, ..draft("gp") }).await;
    let report = report_of(&scene, "gp").await;
    assert!(!report.passed(), "{report:?}");
    assert_eq!(scene.status("gp").await.report, Some(report));
    let refused = scene.refusal(SystemChange::GoLive { system: SourceId::new("gp") }).await;
    assert!(refused.contains("did not pass"), "{refused}");
}

#[tokio::test]
async fn a_system_that_only_sends_is_checked_by_its_profile_and_goes_live() {
    let scene = Scene::new().await;
    scene.put(sender("pas", "PAS")).await;
    let report = report_of(&scene, "pas").await;
    assert!(report.passed(), "{report:?}");
    assert!(report.checks.iter().any(|check| check.text.contains("PAS Z9H01")));
    scene.change(SystemChange::GoLive { system: SourceId::new("pas") }).await.unwrap();
    assert!(!scene.system("pas").await.is_stopped());
    scene.put(sender("pas", "OTHER")).await;
    assert_eq!(scene.status("pas").await.report, None, "another sender is another connection");
}

#[tokio::test]
async fn only_the_organisation_itself_has_its_systems_checked() {
    let scene = Scene::new().await;
    scene.put(sender("pas", "PAS")).await;
    let other = scene.change_as(administrator(RECEIVER), RECEIVER, check_of("pas")).await.unwrap_err();
    assert_eq!(other.kind, lcr_contracts::FailureKind::NotFound);
    let forbidden = scene.change_as(administrator(RECEIVER), OWNER, check_of("pas")).await.unwrap_err();
    assert_eq!(forbidden.kind, lcr_contracts::FailureKind::Forbidden);
}
