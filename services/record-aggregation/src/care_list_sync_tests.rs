//! Episodes of care of a source that is read: what started, changed and ended is published once, and again after a day.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    routing::get,
};
use jiff::{Timestamp, ToSpan};
use lcr_contracts::{
    events::{CareLink, CareLinkReceived, Stream},
    registry::Registry,
};
use lcr_model::{CareLinkKind, Clock, SourceId, SystemClock};
use serde_json::{Value, json};

use super::*;
use crate::{list_reader::Budget, testing::Scene};
use episode_server::{Episodes, NUMBER, episode, make_due, published, read, row, server, sync_with};

#[path = "care_list_sync_tests/episode_server.rs"]
mod episode_server;
#[path = "care_list_sync_tests/failures.rs"]
mod failures;

#[tokio::test]
async fn an_episode_is_published_when_it_starts_changes_and_ends() {
    let server = server(vec![episode("e1", 30, json!({}))]);
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    let (event, link) = published(&sync).await.remove(0);
    assert_eq!((event.identity.local_id.0.as_str(), event.link.as_str()), ("e1", "EpisodeOfCare/e1"));
    assert_eq!((&link.kind, link.organisation.as_str()), (&CareLinkKind::Caseload, "Z9M01"));
    assert!(link.stands && link.until.is_none() && link.from.is_some());
    server.set(vec![episode("e1", 20, json!({ "team": [{ "display": "East team" }] }))]);
    sync.run_round().await;
    server.set(vec![episode("e1", 10, json!({ "status": "finished" }))]);
    sync.run_round().await;
    let all = published(&sync).await;
    assert_eq!((all.len(), all[1].1.team.as_deref()), (3, Some("East team")));
    assert!(all[2].1.until.is_some(), "a finished episode without an end ended when it was changed");
    assert!(all.windows(2).all(|two| two[0].0.version < two[1].0.version));
}

#[tokio::test]
async fn all_pages_are_read_once_and_then_only_changes() {
    let mut episodes: Vec<Value> = (1..=5).map(|n| episode(&format!("e{n}"), 30 + n, json!({}))).collect();
    let server = server(episodes.clone());
    let (_scene, sync) = sync_with(&server, Budget { pages: 2, ..Budget::default() }).await;
    assert_eq!(sync.sources_read().await, 0);
    sync.run_round().await;
    assert_eq!((published(&sync).await.len(), server.asked().0), (4, 2), "the budget is two pages");
    sync.run_round().await;
    assert_eq!((published(&sync).await.len(), server.asked().0), (5, 1), "the rest follows in the next round");
    assert_eq!(sync.sources_read().await, 1);
    sync.run_round().await;
    let (pages, since) = server.asked();
    assert!(pages == 1 && since.is_some_and(|since| since.starts_with("ge20")), "only changes");
    episodes.push(episode("e6", 1, json!({})));
    server.set(episodes);
    sync.run_round().await;
    assert_eq!(published(&sync).await.len(), 6);
}

#[tokio::test]
async fn an_episode_that_is_not_listed_any_more_ends_until_it_is_listed_again() {
    let episodes = vec![
        episode("e1", 30, json!({ "status": "finished" })),
        episode("e2", 30, json!({})),
        episode("e3", 30, json!({ "status": "finished", "meta": {} })),
    ];
    let server = server(episodes.clone());
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    let read_all = async |listed: Vec<Value>| {
        server.set(listed);
        make_due(&sync).await;
        sync.run_round().await;
        published(&sync).await
    };
    sync.run_round().await;
    let all = read_all(episodes.clone()).await;
    assert_eq!(all.len(), 3, "nothing is published twice");
    let open = all.into_iter().find(|(event, _)| event.link == "EpisodeOfCare/e2").unwrap().0;
    let (event, link) = read_all(episodes[..1].to_vec()).await.remove(3);
    assert_eq!((event.link.as_str(), &event.identity, link.stands), ("EpisodeOfCare/e2", &open.identity, false));
    assert!(event.version > open.version);
    let soon = (SystemClock.now() + 11.minutes()).as_microsecond();
    assert!(row(&sync).await.due < soon, "a page may have been wrong, so all are read again soon");
    assert_eq!(read_all(vec![]).await.len(), 4, "an episode that had ended or ended so is not ended twice");
    let all = read_all(episodes).await;
    assert!(all.len() == 5 && all[4].1.stands && all[4].0.version > event.version);
}

/// A late push may have replaced what was read, and consumers follow the higher version.
#[tokio::test]
async fn a_reading_of_all_publishes_a_link_again_once_a_day() {
    let finished = json!({ "status": "finished", "period": { "end": "2020-02-01" } });
    let server = server(vec![
        episode("e1", 3 * 24 * 60, finished),
        episode("e2", 3 * 24 * 60, json!({ "period": { "end": "2999-01-01" } })),
    ]);
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    let before = SystemClock.now().as_microsecond();
    for count in [2, 4, 4] {
        sync.run_round().await;
        assert_eq!(published(&sync).await.len(), count);
        make_due(&sync).await;
    }
    let all = published(&sync).await;
    assert!(all[2..].iter().all(|(event, _)| event.version >= before), "newer than any push so far");
    assert!(all.iter().all(|(event, link)| event.link != "EpisodeOfCare/e1" || link.until.is_some()));
    let starts: Vec<_> =
        all.iter().filter(|(event, _)| event.link == "EpisodeOfCare/e2").map(|one| one.1.from).collect();
    assert!(starts[0].is_some() && starts[0] == starts[1], "a link without a start does not begin again");
}

#[tokio::test]
async fn ids_that_are_nhs_numbers_are_hashed() {
    let server = server(vec![episode(NUMBER, 9, json!({}))]);
    let (scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    let (event, _) = published(&sync).await.remove(0);
    assert_eq!(event.identity.local_id, scene.service.hashed_ids.local_id(&event.identity.source, NUMBER));
    assert!(!json!(event).to_string().contains(NUMBER));
}
