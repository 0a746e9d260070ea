//! Readings that fail: they end nothing, and a source that fails is left alone for a while.

use super::*;

#[tokio::test]
async fn a_reading_that_reports_an_error_ends_nothing() {
    let server = server(vec![episode("e1", 30, json!({}))]);
    let (scene, sync) = sync_with(&server, Budget::default()).await;
    read(&scene, &sync).await;
    server.set(vec![]);
    server.reports_error.store(true, Ordering::SeqCst);
    make_due(&sync).await;
    read(&scene, &sync).await;
    assert_eq!(published(&sync).await.len(), 1, "the list is not complete");
    server.reports_error.store(false, Ordering::SeqCst);
    read(&scene, &sync).await;
    assert_eq!(published(&sync).await.len(), 2);
}

#[tokio::test]
async fn a_link_whose_episode_cannot_be_read_any_more_does_not_stand() {
    for more in [
        json!({ "status": "entered-in-error", "period": { "end": "soon" } }),
        json!({ "period": { "end": "soon" } }),
        json!({ "period": "2026" }),
        json!({ "status": "closed" }),
        json!({ "patient": { "reference": "https://other.example/Patient/e1" } }),
    ] {
        let server = server(vec![episode("e1", 30, json!({}))]);
        let (_scene, sync) = sync_with(&server, Budget::default()).await;
        sync.run_round().await;
        server.set(vec![episode("e1", 5, more.clone())]);
        sync.run_round().await;
        let all = published(&sync).await;
        assert!(all.len() == 2 && all[0].1.stands && !all[1].1.stands, "{more}");
        assert!(all[0].0.version < all[1].0.version && all[0].0.identity == all[1].0.identity, "{more}");
    }
}

#[tokio::test]
async fn a_list_whose_next_page_never_comes_begins_anew_after_ten_failures() {
    let server = server((1..=3).map(|n| episode(&format!("e{n}"), 9, json!({}))).collect());
    let (scene, sync) = sync_with(&server, Budget::default()).await;
    server.is_broken.store(true, Ordering::SeqCst);
    for failure in 1..=10 {
        read(&scene, &sync).await;
        assert_eq!(row(&sync).await.next.is_some(), failure < 10, "failure {failure}");
    }
    server.is_broken.store(false, Ordering::SeqCst);
    server.asked();
    make_due(&sync).await;
    read(&scene, &sync).await;
    assert_eq!((server.asked().0, published(&sync).await.len()), (2, 3), "from the first page");
}

#[tokio::test]
async fn a_source_that_offers_no_episodes_is_never_searched() {
    let server = Episodes::default();
    let (scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    assert_eq!((server.asked().0, sync.sources_read().await), (0, 1), "it was asked, and has nothing to give");
    let registry = Registry::clone(&scene.service.sources.state().registry);
    scene.service.sources.set_registry(Registry { systems: vec![], ..registry.clone() });
    assert_eq!(sync.sources_read().await, 0, "a source that was removed does not count");
    scene.service.sources.set_registry(registry);
    server.set(vec![episode("e1", 30, json!({}))]);
    sync.run_round().await;
    assert_eq!(server.asked().0, 0, "its statement is read again later");
    make_due(&sync).await;
    sync.run_round().await;
    assert_eq!(published(&sync).await.len(), 1);
}

#[tokio::test]
async fn a_source_that_cannot_be_asked_for_changes_is_read_whole_later() {
    let server = Episodes { has_last_updated: false, ..server(vec![episode("e1", 30, json!({}))]) };
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    sync.run_round().await;
    assert_eq!(server.asked(), (1, None), "not every round");
    server.set(vec![episode("e1", 30, json!({ "status": "cancelled" }))]);
    make_due(&sync).await;
    sync.run_round().await;
    let all = published(&sync).await;
    assert!(all.len() == 2 && !all[1].1.stands);
    assert!(all[1].0.version > all[0].0.version, "a change with the same time of change is newer all the same");
}

#[tokio::test]
async fn a_source_that_refuses_a_page_is_left_alone_for_a_while() {
    let server = server(vec![]);
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    *server.list.lock().unwrap() = None;
    sync.run_round().await;
    server.asked();
    sync.run_round().await;
    assert_eq!(server.asked().0, 0);
}

#[tokio::test]
async fn an_episode_that_cannot_be_read_gives_no_link() {
    let unreadable = vec![
        episode("e1", 9, json!({ "period": { "end": "soon" } })),
        episode("e2", 9, json!({ "patient": { "display": "Somebody" } })),
        episode("e3", 9, json!({ "id": null })),
        episode("e4", 9, json!({ "status": "closed" })),
        episode("e5", 9, json!({ "patient": { "reference": "Group/g1" } })),
        episode("e6", 9, json!({ "patient": { "reference": "https://other.example/R4/Patient/e6" } })),
        episode(
            "e7",
            9,
            json!({ "patient": { "reference": format!("Patient/{NUMBER}"),
            "identifier": { "system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026" } } }),
        ),
    ];
    let server = server(unreadable);
    let (_scene, sync) = sync_with(&server, Budget::default()).await;
    sync.run_round().await;
    assert!(published(&sync).await.is_empty());
}
