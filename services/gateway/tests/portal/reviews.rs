//! The reviews page: two records side by side, and a decision with a reason. Only for data stewards.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use lcr_contracts::patient_index::LinkDecision;

use crate::{
    browser::{get_as, post_as, visible_text},
    fakes::World,
    pages::assert_well_formed,
};

#[tokio::test]
async fn a_review_shows_both_records_and_where_they_differ() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "data-steward", "/reviews").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_well_formed("/reviews", &page.text);
    let text = visible_text(&page.text);
    for expected in [
        "different first name and sex",
        "Record in doubt",
        "Person who has the number",
        "Two people: keep apart",
        "One person: join the records",
        "1 more cannot be shown to you",
        "Beckside",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    assert!(get_as(&world, "data-steward", "/home").await.text.contains("href=\"/reviews\""));
    assert!(!get_as(&world, "gp", "/home").await.text.contains("href=\"/reviews\""));
    assert_eq!(get_as(&world, "gp", "/reviews").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_decision_needs_a_choice_and_a_reason() {
    let world: Arc<World> = Arc::default();
    let path = format!("/reviews/{}", uuid::Uuid::from_u128(7));
    for (fields, problem) in
        [("reason=Asked+them", "Choose whether"), ("decision=link&reason=+", "Enter a reason"), ("", "Choose whether")]
    {
        let page = post_as(&world, "data-steward", &path, fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{fields}");
        assert!(page.text.contains(problem), "{fields}");
    }
    assert!(world.decided_reviews.lock().unwrap().is_empty());
    let done = post_as(&world, "data-steward", &path, "decision=separate&reason=Twins").await;
    assert_eq!((done.status, done.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/reviews"));
    let decided = world.decided_reviews.lock().unwrap().pop().unwrap().1.decision;
    assert_eq!(decided, LinkDecision::Separate);
    assert_eq!(post_as(&world, "gp", &path, "decision=link&reason=x").await.status, StatusCode::FORBIDDEN);
}
