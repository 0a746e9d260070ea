//! A system goes live only by every condition, and a suspension stops it at once.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::{
    FailureKind,
    partners::system::{Check, CheckOutcome, SystemChange},
};
use lcr_model::OdsCode;

use super::*;
use crate::systems::{
    draft::to_system,
    testing::{ADDRESS, OWNER, Scene, administrator, draft},
};

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
}

fn report(outcome: CheckOutcome) -> CheckReport {
    let check = Check { name: "tls".into(), outcome, text: "It is trusted.".into() };
    CheckReport { at: at(0), checks: vec![check] }
}

fn live(id: &str) -> SystemChange {
    SystemChange::GoLive { system: SourceId::new(id) }
}

fn suspend(suspended: bool) -> SystemChange {
    SystemChange::Suspend { system: SourceId::new("gp"), suspended }
}

#[test]
fn each_condition_stands_in_the_way() {
    let system = to_system(draft("gp"), lcr_model::OdsCode::new(OWNER), None, jiff::Timestamp::UNIX_EPOCH);
    let (passed, warned, failed) =
        (report(CheckOutcome::Passed), report(CheckOutcome::Warning), report(CheckOutcome::Failed));
    let empty = CheckReport { at: at(0), checks: vec![] };
    let gives = draft("gp").datasets;
    let less = BTreeSet::from([Dataset::Results]);
    let facts = |report| Readiness { state: PartnerState::Conformant, agreed: true, gives: Some(&gives), report };
    assert_eq!(obstacle(&system, &facts(Some(&passed)), at(30)), None);
    assert_eq!(obstacle(&system, &facts(Some(&warned)), at(1)), None, "a warning is no failure");
    assert_eq!(obstacle(&system, &Readiness { state: PartnerState::Live, ..facts(Some(&passed)) }, at(1)), None);
    assert_eq!(obstacle(&system, &Readiness { gives: None, ..facts(Some(&passed)) }, at(1)), None, "on paper");
    let why = |facts: &Readiness<'_>, day| obstacle(&system, facts, at(day)).unwrap();
    assert!(why(&facts(None), 1).contains("not been checked"));
    assert!(why(&facts(Some(&failed)), 1).contains("did not pass"));
    assert!(why(&facts(Some(&empty)), 1).contains("did not pass"));
    assert!(why(&facts(Some(&passed)), 31).contains("30 days"));
    assert!(why(&Readiness { agreed: false, ..facts(Some(&passed)) }, 1).contains("not in force"));
    assert!(why(&Readiness { gives: Some(&less), ..facts(Some(&passed)) }, 1).contains("schedule"));
    for state in PartnerState::ALL {
        let is_ready = matches!(state, PartnerState::Conformant | PartnerState::Live);
        assert_eq!(
            obstacle(&system, &Readiness { state, ..facts(Some(&passed)) }, at(1)).is_none(),
            is_ready,
            "{state}"
        );
    }
    let stopped = System { suspended: true, ..system.clone() };
    assert!(obstacle(&stopped, &facts(Some(&passed)), at(1)).unwrap().contains("suspended"));
}

#[tokio::test]
async fn a_changed_address_takes_the_system_out_of_live() {
    let scene = Scene::new().await;
    scene.live_system().await;
    assert!(scene.system("gp").await.is_asked());
    assert!(scene.refusal(live("gp")).await.contains("live already"));
    let renamed = lcr_contracts::partners::system::SystemDraft { name: "Another name".into(), ..draft("gp") };
    scene.put(renamed).await;
    assert!(scene.system("gp").await.is_asked(), "a name is no connection");
    let base_url = format!("{ADDRESS}/next");
    scene.put(lcr_contracts::partners::system::SystemDraft { base_url, ..draft("gp") }).await;
    assert!(!scene.system("gp").await.is_asked());
    assert!(scene.refusal(live("gp")).await.contains("not been checked"));
}

#[tokio::test]
async fn an_organisation_that_is_not_there_yet_takes_nothing_live() {
    let scene = Scene::with_states(PartnerState::Suspended).await;
    scene.put(draft("gp")).await;
    scene.report("gp", CheckOutcome::Passed).await;
    scene.refusal(live("gp")).await;
    assert!(!scene.system("gp").await.setup.live);
}

#[tokio::test]
async fn a_suspension_stops_a_system_and_ends() {
    let scene = Scene::new().await;
    scene.live_system().await;
    assert!(scene.refusal(suspend(false)).await.contains("not suspended"));
    scene.change(suspend(true)).await.unwrap();
    assert!(scene.system("gp").await.is_stopped());
    assert!(scene.refusal(suspend(true)).await.contains("already"));
    scene.change(suspend(false)).await.unwrap();
    assert!(scene.system("gp").await.is_asked());
}

#[tokio::test]
async fn to_suspend_needs_a_reason_and_to_resume_does_not() {
    let scene = Scene::new().await;
    scene.live_system().await;
    let author = || Author {
        actor: administrator(OWNER),
        organisation: OdsCode::new(OWNER),
        reason: String::new(),
        now: scene.now(),
    };
    let gp = || SourceId::new("gp");
    let refused = super::suspend(scene.service(), author(), gp(), true).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::BadRequest);
    scene.change(suspend(true)).await.unwrap();
    super::suspend(scene.service(), author(), gp(), false).await.unwrap();
    assert!(scene.system("gp").await.is_asked());
}
