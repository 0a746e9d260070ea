//! Two live streams of one session about one person read one set of answers: the sources are asked once, each stream
//! gets every part and keeps its own decision, entry and end, and what is held goes with the last of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::{StreamExt, stream::BoxStream};
use lcr_contracts::{
    Caller, Kind as FailureKind, Records,
    record::Record,
    records::{Update, ViewAsk},
};
use lcr_model::{SessionId, ViewId};
use serde_json::json;

use crate::{
    service::{Service, Sharing, news::Word},
    testing::{Scene, caller, item},
};

const SECRET: &str = "MARKERWARD";

async fn scene() -> Scene {
    let allergy = json!({ "code": { "text": format!("Penicillin {SECRET}") } });
    let patient = json!({ "name": [{ "family": "Test" }], "birthDate": "1950-01-02" });
    Scene::with(vec![item("Patient", "7", patient), item("AllergyIntolerance", "a1", allergy)]).await
}

type Updates = BoxStream<'static, Update>;

async fn live(scene: &Scene, caller: &Caller) -> Updates {
    let ask = ViewAsk { live: true, view: ViewId::new(), ..scene.ask() };
    scene.service.view(caller, ask).await.unwrap()
}

async fn next(updates: &mut Updates) -> Option<Update> {
    tokio::time::timeout(Duration::from_secs(6), updates.next()).await.expect("nothing came")
}

/// Parts until one is complete.
async fn filled(updates: &mut Updates) -> Record {
    loop {
        match next(updates).await {
            Some(Update::Record(record)) if record.complete => return *record,
            Some(Update::Record(_)) => {}
            _ => panic!("the stream ended before it was complete"),
        }
    }
}

fn says(record: &Record) -> bool {
    json!(record).to_string().contains(SECRET)
}

fn questions(scene: &Scene) -> usize {
    scene.source().asked.load(Ordering::SeqCst)
}

#[tokio::test]
async fn two_streams_of_one_session_ask_the_sources_once_and_both_get_every_part() {
    let (scene, reader) = (scene().await, caller());
    let alone = {
        let mut only = live(&scene, &caller()).await;
        filled(&mut only).await;
        questions(&scene)
    };
    scene.forget().await;
    scene.source().hold();
    let mut first = live(&scene, &reader).await;
    let mut second = live(&scene, &reader).await;
    scene.source().is_asked().await;
    for updates in [&mut first, &mut second] {
        let Some(Update::Record(begun)) = next(updates).await else { panic!("nothing yet") };
        assert!(!begun.complete);
    }
    scene.source().release();
    let (one, other) = tokio::join!(filled(&mut first), filled(&mut second));
    assert!(says(&one) && says(&other));
    assert_ne!(one.view, other.view, "each is on the log under its own view");
    assert_eq!(scene.world.decisions.load(Ordering::SeqCst), 3, "and was decided by itself");
    assert_eq!(questions(&scene), 2 * alone, "the sources were asked once for both");
    assert_eq!(scene.service.sharing.held(), 1);
}

#[tokio::test]
async fn a_stream_that_comes_later_reads_what_there_is() {
    let (scene, reader) = (scene().await, caller());
    let mut first = live(&scene, &reader).await;
    filled(&mut first).await;
    scene.forget().await;
    let asked = questions(&scene);
    let mut second = live(&scene, &reader).await;
    assert!(says(&filled(&mut second).await));
    assert_eq!(questions(&scene), asked);
}

#[tokio::test]
async fn streams_of_two_sessions_share_nothing() {
    let scene = scene().await;
    let mut first = live(&scene, &caller()).await;
    filled(&mut first).await;
    scene.forget().await;
    let asked = questions(&scene);
    let mut other = caller();
    other.actor.session = SessionId::new();
    let mut second = live(&scene, &other).await;
    filled(&mut second).await;
    assert_eq!(questions(&scene), 2 * asked);
    assert_eq!(scene.service.sharing.held(), 2);
}

#[tokio::test]
async fn one_that_leaves_does_not_end_the_other_and_the_last_gives_all_back() {
    let (scene, reader) = (scene().await, caller());
    scene.source().hold();
    let first = live(&scene, &reader).await;
    let mut second = live(&scene, &reader).await;
    drop(first);
    scene.source().release();
    assert!(says(&filled(&mut second).await));
    assert_eq!(scene.service.sharing.held(), 1);
    drop(second);
    assert_eq!(scene.service.sharing.held(), 0);
    // Nothing waits for a source that is still held: what it says later is nobody's.
    scene.forget().await;
    scene.source().hold();
    let third = live(&scene, &reader).await;
    scene.source().is_asked().await;
    drop(third);
    assert_eq!(scene.service.sharing.held(), 0);
    scene.source().release();
}

#[tokio::test]
async fn an_objection_closes_both() {
    let (scene, reader) = (scene().await, caller());
    let (mut first, mut second) = (live(&scene, &reader).await, live(&scene, &reader).await);
    filled(&mut first).await;
    filled(&mut second).await;
    // Both listen before the word comes.
    let closes = async |updates: &mut Updates| match next(updates).await {
        Some(Update::Closed { failure, .. }) => failure.kind,
        _ => panic!("it stays open"),
    };
    let objects = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        scene.world.object();
        scene.service.news.send(Word::Person(scene.world.person)).unwrap();
    };
    let (one, other, ()) = tokio::join!(closes(&mut first), closes(&mut second), objects);
    assert_eq!((one, other), (FailureKind::Objected, FailureKind::Objected));
}

#[tokio::test]
async fn an_objection_while_the_sources_are_held_closes_both_and_shows_nothing() {
    let (scene, reader) = (scene().await, caller());
    scene.source().hold();
    let (mut first, mut second) = (live(&scene, &reader).await, live(&scene, &reader).await);
    scene.source().is_asked().await;
    scene.world.object();
    scene.source().release();
    for updates in [&mut first, &mut second] {
        match next(updates).await {
            Some(Update::Closed { failure, .. }) => assert_eq!(failure.kind, FailureKind::Objected),
            _ => panic!("it shows something"),
        }
    }
}

/// There is no queue between the sources and a reader: one that reads late gets what there is by then.
#[tokio::test]
async fn a_slow_reader_does_not_hold_up_the_other() {
    let (scene, reader) = (scene().await, caller());
    scene.source().hold();
    let mut slow = live(&scene, &reader).await;
    let mut quick = live(&scene, &reader).await;
    assert!(next(&mut slow).await.is_some());
    scene.source().release();
    assert!(says(&filled(&mut quick).await));
    let Some(Update::Record(late)) = next(&mut slow).await else { panic!("it ended") };
    assert!(late.complete && says(&late), "it gets all at once");
}

#[tokio::test]
async fn answers_that_are_no_longer_young_are_asked_for_anew_and_the_older_stream_goes_over_to_them() {
    let (mut scene, reader) = (scene().await, caller());
    scene.service =
        Arc::new(Service { sharing: Sharing::lasting(Duration::ZERO), ..(*scene.service).clone() });
    let mut first = live(&scene, &reader).await;
    filled(&mut first).await;
    scene.forget().await;
    let asked = questions(&scene);
    let added = json!({ "code": { "text": "Aspirin" } });
    scene.source().add(item("AllergyIntolerance", "a2", added));
    let mut second = live(&scene, &reader).await;
    let (newer, older) = tokio::join!(filled(&mut second), filled(&mut first));
    assert_eq!(questions(&scene), 2 * asked);
    for record in [newer, older] {
        assert!(json!(record).to_string().contains("Aspirin") && says(&record));
    }
    assert_eq!(scene.service.sharing.held(), 1);
}
