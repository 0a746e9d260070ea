//! The change feed of an open list: it reveals only granted stays and closes when a row may no longer be shown.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use futures::{StreamExt, stream::BoxStream};
use lcr_contracts::{
    Caller,
    consent::Refusal,
    events::{ChoiceChanged, EventBody, SessionEnded},
    ward::ListChange,
};

use super::{
    MORNING,
    fake_consent::FakeDecision,
    fixtures::{admitted, ask, gp, left, moved, person_changed, practice_list},
    scene::Scene,
};

async fn news(scene: &Scene, caller: &Caller) -> BoxStream<'static, ListChange> {
    scene.ward.api.changes(caller, ask(practice_list(), 0)).await.unwrap()
}

/// Publishes an event until the feed reacts: a watch subscription starts at an unknown moment.
async fn publish_until_news<B: EventBody + Clone + 'static>(
    scene: &Scene,
    open: &mut BoxStream<'static, ListChange>,
    body: B,
) -> Option<ListChange> {
    loop {
        scene.publish(std::slice::from_ref(&body)).await;
        if let Ok(news) = tokio::time::timeout(Duration::from_millis(300), open.next()).await {
            return news;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_counted_by_stay_and_only_for_shown_people() {
    let scene = Scene::new().await;
    let hidden = scene.person("H2").await;
    scene.person("H1").await;
    scene.person("H3").await;
    scene.set_decision(hidden, FakeDecision::Refuse(Refusal::Objected));
    scene.publish_messages(&[admitted("V1", "H1", MORNING), admitted("V2", "H2", MORNING)]).await;
    let mut open = news(&scene, &gp()).await;
    scene.publish_messages(&[moved("V2", "H2", "2026-11-20T10:00:00Z", "J28")]).await;
    scene.publish_messages(&[moved("V1", "H1", "2026-11-20T10:00:00Z", "J28")]).await;
    assert_eq!(open.next().await, Some(ListChange { changed: 1, closed: false }));
    scene.publish_messages(&[moved("V1", "H1", "2026-11-20T10:05:00Z", "J29"), admitted("V3", "H3", MORNING)]).await;
    assert_eq!(open.next().await, Some(ListChange { changed: 2, closed: false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_closes_when_a_row_of_it_may_no_longer_be_shown() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    let mut open = news(&scene, &gp()).await;
    scene.set_decision(person, FakeDecision::Refuse(Refusal::Objected));
    let news = publish_until_news(&scene, &mut open, ChoiceChanged { person, version: 1 }).await;
    assert!(news.unwrap().closed);
    assert_eq!(open.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_closes_when_a_person_leaves_the_practice() {
    let scene = Scene::new().await;
    let person = scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    let mut open = news(&scene, &gp()).await;
    scene.publish(&[person_changed(person, 2, "Y90003", "H1")]).await;
    assert!(open.next().await.unwrap().closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discharge_is_a_change_and_closes_nothing() {
    let scene = Scene::new().await;
    scene.person("H1").await;
    scene.publish_messages(&[admitted("V1", "H1", MORNING)]).await;
    let mut open = news(&scene, &gp()).await;
    scene.publish_messages(&[left("V1", "H1", "2026-11-20T11:00:00Z")]).await;
    assert_eq!(open.next().await, Some(ListChange { changed: 1, closed: false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_closes_its_lists_and_a_shutdown_ends_all() {
    let scene = Scene::new().await;
    let (reader, other) = (gp(), gp());
    let mut open = news(&scene, &reader).await;
    let mut others = news(&scene, &other).await;
    let at = super::at(MORNING);
    let ended = SessionEnded { session: reader.actor.session, at };
    let news = publish_until_news(&scene, &mut open, ended).await;
    assert_eq!(news, Some(ListChange { changed: 0, closed: true }));
    assert_eq!(open.next().await, None);
    scene.stop.cancel();
    assert_eq!(others.next().await, None);
}
