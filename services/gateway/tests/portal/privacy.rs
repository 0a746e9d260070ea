//! The officers' search of the log.

use std::sync::Arc;

use axum::http::StatusCode;
use lcr_contracts::audit::AccessKind;
use lcr_model::OdsCode;

use crate::{
    browser::{get_as, visible_text},
    fakes::World,
    sample::{FREDRICA, at},
};

#[tokio::test]
async fn the_log_is_searched_by_user_organisation_time_and_outcome() {
    let world: Arc<World> = Arc::default();
    let path = "/privacy?user=gp&org=B86000&from=2026-11-01T09%3A00&until=2026-11-22T00%3A00&outcome=refused";
    let text = visible_text(&get_as(&world, "privacy-officer", path).await.text);
    let query = world.log_queries.lock().unwrap().pop().unwrap();
    assert_eq!((query.user.as_deref(), query.org), (Some("gp"), Some(OdsCode::new("B86000"))));
    assert_eq!(query.from, Some(at("2026-11-01T09:00:00Z")));
    assert_eq!(query.until, Some(at("2026-11-22T00:00:00Z")));
    assert!(text.contains("1 of 2 entries read."));
    assert!(text.contains("Refused, nothing shown") && text.contains("no caring relationship on record"));
}

#[tokio::test]
async fn an_entry_links_to_its_user_and_person_and_names_no_patient() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "caldicott-guardian", &format!("/privacy?person={FREDRICA}")).await.text;
    assert_eq!(world.log_queries.lock().unwrap()[0].person, Some(FREDRICA));
    assert!(
        page.contains("href=\"/privacy?user=gp\"") && page.contains(&format!("href=\"/people/{FREDRICA}/access\""))
    );
    assert!(!page.contains("SMITH") && !page.contains("943 476") && !page.contains("943476"));
}

#[tokio::test]
async fn before_a_search_the_page_shows_the_tree_and_unusual_searching() {
    let world: Arc<World> = Arc::default();
    let text = visible_text(&get_as(&world, "privacy-officer", "/privacy").await.text);
    assert!(text.contains("2841 leaves in the newest checkpoint, 3 waiting for their place."));
    assert!(text.contains("leedscarerecord.example/audit"));
    let queries = world.log_queries.lock().unwrap();
    assert_eq!(queries.iter().map(|query| query.what).collect::<Vec<_>>(), [Some(AccessKind::UnusualSearch)]);
    assert!(text.contains("Unusual searching"));
}

#[tokio::test]
async fn an_unreadable_field_is_named_and_not_repeated() {
    let world: Arc<World> = Arc::default();
    for (query, expected) in [
        ("from=yesterday", "From could not be read: enter a day and a time."),
        ("person=SMITH", "Choose the person by way of the search."),
    ] {
        let page = get_as(&world, "privacy-officer", &format!("/privacy?{query}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(page.text.contains(expected), "{query}");
    }
    assert!(world.log_queries.lock().unwrap().is_empty());
}

#[tokio::test]
async fn only_officers_read_the_log() {
    for role in ["gp", "patient", "data-steward", "org-admin"] {
        let answer = get_as(&Arc::default(), role, "/privacy?user=gp").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role}");
    }
    let page = get_as(&Arc::default(), "privacy-officer", &format!("/people/{FREDRICA}/access")).await.text;
    assert!(page.contains(&format!("href=\"/people/{FREDRICA}/choices\"")), "choices are reached by person");
}
