//! Live streams of one session about one person share one set of answers: the sources are asked once, and each stream keeps
//! its own decision, audit entry and end.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::{StreamExt, stream::BoxStream};
use lcr_contracts::{
    Caller, FailureKind, Records,
    record::Record,
    records_api::{Update, ViewRequest},
};
use lcr_model::{SessionId, ViewId};
use serde_json::json;

use crate::{
    service::{AnswerSharing, Service, change_feed::ChangeNotice},
    testing::{Scene, caller, item},
};

#[path = "shared_answers_tests/closing.rs"]
mod closing;

const MARKER: &str = "MARKERWARD";

async fn scene() -> Scene {
    let allergy = json!({ "code": { "text": format!("Penicillin {MARKER}") } });
    let patient = json!({ "name": [{ "family": "Test" }], "birthDate": "1950-01-02" });
    Scene::with(vec![item("Patient", "7", patient), item("AllergyIntolerance", "a1", allergy)]).await
}

type Updates = BoxStream<'static, Update>;

async fn live(scene: &Scene, caller: &Caller) -> Updates {
    let ask = ViewRequest { live: true, view: ViewId::new(), ..scene.ask() };
    scene.service.view(caller, ask).await.unwrap()
}

async fn next(updates: &mut Updates) -> Option<Update> {
    tokio::time::timeout(Duration::from_secs(6), updates.next()).await.expect("no update arrived")
}

/// Waits for the first complete record.
async fn filled(updates: &mut Updates) -> Record {
    loop {
        match next(updates).await {
            Some(Update::Record(record)) if record.complete => return *record,
            Some(Update::Record(_)) => {}
            _ => panic!("the stream ended before it was complete"),
        }
    }
}

fn has_marker(record: &Record) -> bool {
    json!(record).to_string().contains(MARKER)
}

fn request_count(scene: &Scene) -> usize {
    scene.source().requests.load(Ordering::SeqCst)
}

#[tokio::test]
async fn two_streams_of_one_session_ask_the_sources_once_and_both_get_every_update() {
    let (scene, reader) = (scene().await, caller());
    let alone = {
        let mut only = live(&scene, &caller()).await;
        filled(&mut only).await;
        request_count(&scene)
    };
    scene.clear_cache().await;
    scene.source().hold();
    let mut first = live(&scene, &reader).await;
    let mut second = live(&scene, &reader).await;
    scene.source().wait_until_asked().await;
    for updates in [&mut first, &mut second] {
        let Some(Update::Record(begun)) = next(updates).await else { panic!("nothing yet") };
        assert!(!begun.complete);
    }
    scene.source().release();
    let (one, other) = tokio::join!(filled(&mut first), filled(&mut second));
    assert!(has_marker(&one) && has_marker(&other));
    assert_ne!(one.view, other.view, "each has its own view in the audit log");
    assert_eq!(scene.fakes.decisions.load(Ordering::SeqCst), 3, "each has its own decision");
    assert_eq!(request_count(&scene), 2 * alone, "the sources were asked once for both");
    assert_eq!(scene.service.sharing.open_count(), 1);
}

#[tokio::test]
async fn a_later_stream_reads_the_existing_answers() {
    let (scene, reader) = (scene().await, caller());
    let mut first = live(&scene, &reader).await;
    filled(&mut first).await;
    scene.clear_cache().await;
    let requests = request_count(&scene);
    let mut second = live(&scene, &reader).await;
    assert!(has_marker(&filled(&mut second).await));
    assert_eq!(request_count(&scene), requests);
}

#[tokio::test]
async fn streams_of_two_sessions_share_nothing() {
    let scene = scene().await;
    let mut first = live(&scene, &caller()).await;
    filled(&mut first).await;
    scene.clear_cache().await;
    let requests = request_count(&scene);
    let mut other = caller();
    other.actor.session = SessionId::new();
    let mut second = live(&scene, &other).await;
    filled(&mut second).await;
    assert_eq!(request_count(&scene), 2 * requests);
    assert_eq!(scene.service.sharing.open_count(), 2);
}

#[tokio::test]
async fn the_first_stream_to_end_does_not_end_the_other_and_the_last_drops_the_answers() {
    let (scene, reader) = (scene().await, caller());
    scene.source().hold();
    let first = live(&scene, &reader).await;
    let mut second = live(&scene, &reader).await;
    drop(first);
    scene.source().release();
    assert!(has_marker(&filled(&mut second).await));
    assert_eq!(scene.service.sharing.open_count(), 1);
    drop(second);
    assert_eq!(scene.service.sharing.open_count(), 0);
    // A held source does not keep the answers alive.
    scene.clear_cache().await;
    scene.source().hold();
    let third = live(&scene, &reader).await;
    scene.source().wait_until_asked().await;
    drop(third);
    assert_eq!(scene.service.sharing.open_count(), 0);
    scene.source().release();
}

/// There is no queue: a slow reader gets the newest state.
#[tokio::test]
async fn a_slow_reader_does_not_delay_the_other() {
    let (scene, reader) = (scene().await, caller());
    scene.source().hold();
    let mut slow = live(&scene, &reader).await;
    let mut quick = live(&scene, &reader).await;
    assert!(next(&mut slow).await.is_some());
    scene.source().release();
    assert!(has_marker(&filled(&mut quick).await));
    let Some(Update::Record(late)) = next(&mut slow).await else { panic!("it ended") };
    assert!(late.complete && has_marker(&late), "it gets everything at once");
}

#[tokio::test]
async fn after_the_sharing_time_the_sources_are_asked_anew_and_the_older_stream_switches_to_the_new_answers() {
    let (mut scene, reader) = (scene().await, caller());
    scene.service =
        Arc::new(Service { sharing: AnswerSharing::with_lifetime(Duration::ZERO), ..(*scene.service).clone() });
    let mut first = live(&scene, &reader).await;
    filled(&mut first).await;
    scene.clear_cache().await;
    let requests = request_count(&scene);
    let added = json!({ "code": { "text": "Aspirin" } });
    scene.source().add(item("AllergyIntolerance", "a2", added));
    let mut second = live(&scene, &reader).await;
    let (newer, older) = tokio::join!(filled(&mut second), filled(&mut first));
    assert_eq!(request_count(&scene), 2 * requests);
    for record in [newer, older] {
        assert!(json!(record).to_string().contains("Aspirin") && has_marker(&record));
    }
    assert_eq!(scene.service.sharing.open_count(), 1);
}
