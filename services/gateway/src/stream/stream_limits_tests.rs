//! Tests of `stream_limits.rs`.

use super::*;

#[tokio::test]
async fn a_second_stream_of_a_page_ends_the_first() {
    let (limits, page) = (StreamLimits::default(), (SessionId::new(), ViewId::new()));
    let first = limits.open(page, "her".into()).unwrap();
    let second = limits.open(page, "her".into()).unwrap();
    first.await;
    let timed_out = tokio::time::timeout(std::time::Duration::from_millis(20), second).await;
    assert!(timed_out.is_err());
}

#[test]
fn a_session_has_a_limited_number_of_streams() {
    let (limits, session) = (StreamLimits::default(), SessionId::new());
    let open = |subject: &str| limits.open((session, ViewId::new()), subject.into());
    let two = [open("her").unwrap(), open("her").unwrap()];
    assert!(open("her").is_err(), "at most two about one person");
    let others: Vec<_> = (0..9).filter_map(|at| open(&at.to_string()).ok()).collect();
    assert_eq!(others.len(), MAX_PER_SESSION - 2);
    drop(two);
    assert!(open("her").is_ok(), "closing a page frees its stream");
}
