//! Endless searching, and searches for text that is too long.

use std::{num::NonZeroU32, time::Duration};

use lcr_testkit::eventually_ok;
use lcr_tests::{Options, Platform};
use serde_json::json;

/// Waits until consent knows the organisations of these users: before that nobody searches.
async fn wait_for_organisations(platform: &Platform, users: &[&str]) {
    for user in users {
        let actor = platform.actor(user).await;
        eventually_ok(Duration::from_secs(15), "the organisation is known", async || {
            let status = actor.search(&json!({ "nhs_number": super::FREDRICA })).await.status;
            if status == 403 { Err("refused") } else { Ok(()) }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_text_that_is_too_long_is_refused() {
    let platform = Platform::start(Options { city: false, ..Options::default() }).await;
    wait_for_organisations(&platform, &["receptionist"]).await;
    let (gp, patient) = (platform.actor("gp").await, platform.actor("patient").await);
    let long = "1945-07-14 ".repeat(7_000);
    let refused = gp.search(&json!({ "q": long })).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("at most 200 characters"), "{}", refused.text());
    // A reader whose role does not search gets the same refusal for any text.
    for q in [long.as_str(), "Smith", "Smith 14-Jul-1945"] {
        let refused = patient.search(&json!({ "q": q })).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        assert!(refused.text().contains("Your role does not search"), "{}", refused.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_searches_too_often_is_stopped_and_others_are_not() {
    let ten = NonZeroU32::new(10).unwrap();
    let options = Options { city: false, searches_per_minute: ten, ..Options::default() };
    let platform = Platform::start(options).await;
    wait_for_organisations(&platform, &["receptionist", "consultant"]).await;
    let (gp, nurse) = (platform.actor("gp").await, platform.actor("ward-nurse").await);
    let query = json!({ "nhs_number": super::FREDRICA });
    let mut statuses = vec![];
    for _ in 0..12 {
        statuses.push(gp.search(&query).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 10, "{statuses:?}");
    assert_eq!(statuses.last(), Some(&429));
    assert_eq!(nurse.search(&query).await.status, 200);
}
