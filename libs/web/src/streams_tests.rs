//! Tests of `streams.rs`.

use super::*;

#[test]
fn a_session_has_six_streams_and_two_of_one_thing() {
    let (streams, session) = (Streams::default(), SessionId::new());
    let same: Vec<_> = (0..9).filter_map(|_| streams.open(session, "one").ok()).collect();
    assert_eq!(same.len(), MAX_PER_SUBJECT);
    let others: Vec<_> = (0..9).filter_map(|at| streams.open(session, at.to_string()).ok()).collect();
    assert_eq!(others.len(), MAX_PER_SESSION - MAX_PER_SUBJECT);
    assert!(streams.open(SessionId::new(), "one").is_ok(), "another session has its own");
    drop((same, others));
    assert!(streams.open(session, "one").is_ok());
}

#[tokio::test]
async fn a_place_comes_back_with_the_end_of_its_stream() {
    let (streams, session) = (Streams::default(), SessionId::new());
    let open = || streams.open(session, "one").map(|open| open.hold(futures::stream::iter([1, 2])));
    for _ in 0..5 {
        let both = [open().unwrap(), open().unwrap()];
        assert!(open().is_err());
        for one in both {
            assert_eq!(one.collect::<Vec<_>>().await, [1, 2]);
        }
    }
}
