//! Tests of `rate_limit.rs`.

use super::*;

#[test]
fn retry_after_is_seconds_or_a_date() {
    let now: Timestamp = "2026-01-05T08:49:30Z".parse().unwrap();
    let seconds = |header| parse_retry_after(header, now).map(|wait| wait.as_secs());
    assert_eq!(seconds("1"), Some(1));
    assert_eq!(seconds(" 0 "), Some(0));
    assert_eq!(seconds("Mon, 05 Jan 2026 08:49:37 GMT"), Some(7));
    assert_eq!(seconds("Mon, 05 Jan 2026 08:00:00 GMT"), Some(0), "a time in the past");
    assert_eq!(seconds("999999999"), Some(60), "no source is left uncalled for days");
    assert_eq!(seconds("soon"), None);
}

#[test]
fn calls_after_a_wait_start_one_by_one_and_faster_with_each_answer() {
    let (rate_limit, start) = (RateLimit::default(), Instant::now());
    let at = |millis| start + Duration::from_millis(millis);
    assert_eq!(rate_limit.reserve_call(start), CallStart::Now, "no call waits before the source asks");
    (0..4).for_each(|_| rate_limit.record_answer(start));
    // Eleven simultaneous calls are refused: that is one wait, not eleven. A fifth answer arrives late.
    (0..11).for_each(|_| rate_limit.record_wait(start, start, Duration::from_secs(1)));
    rate_limit.record_answer(start);
    assert_eq!(rate_limit.reserve_call(at(999)), CallStart::At(at(1000)));
    assert_eq!(rate_limit.reserve_call(at(1000)), CallStart::Now);
    assert_eq!(rate_limit.reserve_call(at(1000)), CallStart::At(at(1200)), "as fast as it answered before");
    rate_limit.record_answer(at(1000));
    assert_eq!(rate_limit.reserve_call(at(1200)), CallStart::Now);
    assert_eq!(rate_limit.reserve_call(at(1200)), CallStart::At(at(1360)));
    (0..20).for_each(|_| rate_limit.record_answer(at(1200)));
    assert_eq!(rate_limit.reserve_call(at(1360)), CallStart::Now);
    assert_eq!(rate_limit.reserve_call(at(1360)), CallStart::Now, "the gap has closed");
}
