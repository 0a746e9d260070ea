//! News of an open list: of what this reader may see and nothing else; over when they may no longer.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use futures::{StreamExt, stream::BoxStream};
use lcr_contracts::{
    Caller,
    consent::Refusal,
    events::{ChoiceChanged, EventBody, SessionEnded},
    ward::WardNews,
};

use super::{
    MORNING,
    scene::{Says, Scene, admitted, ask, gp, known, moved, ours},
};

async fn news(scene: &Scene, caller: &Caller) -> BoxStream<'static, WardNews> {
    scene.ward.api.news(caller, ask(ours(), 0)).await.unwrap()
}

/// A watch hears from when it started, and nothing tells when that is: said until it is heard.
async fn until_heard<B: EventBody + Clone + 'static>(
    scene: &Scene,
    open: &mut BoxStream<'static, WardNews>,
    said: B,
) -> Option<WardNews> {
    loop {
        scene.hear(std::slice::from_ref(&said)).await;
        if let Ok(news) = tokio::time::timeout(Duration::from_millis(300), open.next()).await {
            return news;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_counted_by_stay_and_those_of_people_not_shown_are_not() {
    let scene = Scene::set().await;
    let hidden = scene.person("H2").await;
    scene.person("H1").await;
    scene.person("H3").await;
    scene.says(hidden, Says::No(Refusal::Objected));
    scene.told(&[admitted("V1", "H1", MORNING), admitted("V2", "H2", MORNING)]).await;
    let mut open = news(&scene, &gp()).await;
    scene.told(&[moved("V2", "H2", "2026-11-20T10:00:00Z", "J28")]).await;
    scene.told(&[moved("V1", "H1", "2026-11-20T10:00:00Z", "J28")]).await;
    assert_eq!(open.next().await, Some(WardNews { changed: 1, closed: false }));
    scene.told(&[moved("V1", "H1", "2026-11-20T10:05:00Z", "J29"), admitted("V3", "H3", MORNING)]).await;
    assert_eq!(open.next().await, Some(WardNews { changed: 2, closed: false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_closes_when_a_row_of_it_may_no_longer_be_shown() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    let mut open = news(&scene, &gp()).await;
    scene.says(person, Says::No(Refusal::Objected));
    let news = until_heard(&scene, &mut open, ChoiceChanged { person, version: 1 }).await;
    assert!(news.unwrap().closed);
    assert_eq!(open.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_closes_when_somebody_is_no_longer_of_the_practice() {
    let scene = Scene::set().await;
    let person = scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    let mut open = news(&scene, &gp()).await;
    scene.hear(&[known(person, 2, "Y90003", "H1")]).await;
    assert!(open.next().await.unwrap().closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_leaving_hospital_is_a_change_and_closes_nothing() {
    let scene = Scene::set().await;
    scene.person("H1").await;
    scene.told(&[admitted("V1", "H1", MORNING)]).await;
    let mut open = news(&scene, &gp()).await;
    scene.told(&[super::left("V1", "H1", "2026-11-20T11:00:00Z")]).await;
    assert_eq!(open.next().await, Some(WardNews { changed: 1, closed: false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_closes_its_lists_and_the_stop_ends_all() {
    let scene = Scene::set().await;
    let (reader, other) = (gp(), gp());
    let mut open = news(&scene, &reader).await;
    let mut others = news(&scene, &other).await;
    let at = super::at(MORNING);
    let ended = SessionEnded { session: reader.actor.session, at };
    let news = until_heard(&scene, &mut open, ended).await;
    assert_eq!(news, Some(WardNews { changed: 0, closed: true }));
    assert_eq!(open.next().await, None);
    scene.stop.cancel();
    assert_eq!(others.next().await, None);
}
