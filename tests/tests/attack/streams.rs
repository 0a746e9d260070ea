//! Event streams: a session has six, and two of one person, by the portal and by the API.

use lcr_tests::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_two_streams_of_one_person_and_no_more() {
    let platform = Platform::loaded().await;
    let gp = platform.actor("gp").await;
    let person = gp.find(super::FREDRICA).await;
    let path = format!("/api/record-aggregation/v1/people/{person}/record/stream?live=true");
    let mut held = vec![];
    for _ in 0..2 {
        let mut events = gp.stream(&path).await;
        assert!(events.next().await.is_some());
        held.push(events);
    }
    assert_eq!(gp.status_of(&path).await, 429);
    // Another session of the same person has its own.
    assert_eq!(platform.actor("gp").await.status_of(&path).await, 200);
    drop(held);
    let mut again = 0;
    for _ in 0..100 {
        again = gp.status_of(&path).await;
        if again == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(again, 200, "places come back when streams end");
}
