//! Tests of `mllp.rs`.

use super::*;

#[test]
fn a_byte_now_and_then_does_not_keep_a_frame_open() {
    let start = Instant::now();
    let mut deadline = ConnectionDeadline::new(start);
    deadline.update(start, false, true);
    for seconds in [20, 40, 59] {
        deadline.update(start + Duration::from_secs(seconds), false, true);
        assert_eq!(deadline.at, start + FRAME_TIMEOUT);
    }
    let next = start + Duration::from_secs(59);
    deadline.update(next, true, true);
    assert_eq!(deadline.at, next + FRAME_TIMEOUT, "the next frame has its own time");
    deadline.update(next, true, false);
    deadline.update(next + Duration::from_secs(9), false, false);
    assert_eq!(deadline.at, next + IDLE_TIMEOUT, "bytes between frames do not count");
}

#[test]
fn a_connection_that_sends_nothing_is_closed() {
    let start = Instant::now();
    let mut deadline = ConnectionDeadline::new(start);
    assert_eq!(deadline.at, start + FIRST_BYTES_TIMEOUT);
    deadline.update(start, true, false);
    assert_eq!(deadline.at, start + IDLE_TIMEOUT, "after a frame the connection may be idle for longer");
}

#[test]
fn a_peer_has_limited_slots_and_gets_them_back() {
    let mut peers = PeerLimits::default();
    let (first, second) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
    let mut slots: Vec<_> = (0..MAX_CONNECTIONS_PER_PEER).filter_map(|_| peers.acquire(first)).collect();
    assert_eq!(slots.len(), MAX_CONNECTIONS_PER_PEER);
    assert!(peers.acquire(first).is_none() && peers.acquire(second).is_some());
    slots.pop();
    assert!(peers.acquire(first).is_some());
    slots.clear();
    drop(peers.acquire(second));
    assert_eq!(peers.0.len(), 1, "a peer without connections is removed");
}
