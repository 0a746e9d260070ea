//! Limits of event streams: six for a session and two for one person, through the portal and the API together.

use lcr_tests::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_two_streams_of_one_person_and_no_more() {
    let platform = Platform::start_loaded().await;
    let gp = platform.actor("gp").await;
    let person = gp.find_person(super::FREDRICA).await;
    let path = format!("/api/record-aggregation/v1/people/{person}/record/stream?live=true");
    let mut open = vec![];
    for _ in 0..2 {
        let mut events = gp.stream(&path).await;
        assert!(events.next().await.is_some());
        open.push(events);
    }
    assert_eq!(gp.status_of(&path).await, 429);
    // Another session of the same user has streams of its own.
    assert_eq!(platform.actor("gp").await.status_of(&path).await, 200);
    drop(open);
    lcr_testkit::eventually(std::time::Duration::from_secs(10), "an ended stream no longer counts", async || {
        gp.status_of(&path).await == 200
    })
    .await;
}
