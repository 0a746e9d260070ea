//! Version numbers of demographics and pushed items. A version must rise with each newer message of one source.

use jiff::Timestamp;

/// The version of something sent at `sent`, after the stored version `last`. Senders' clocks count seconds: of two
/// messages in one second the later arrival is newer. An older message gets an older version, which consumers ignore.
pub fn next_version(last: Option<i64>, sent: Timestamp) -> i64 {
    const SECOND: i64 = 1_000_000;
    let sent = sent.as_microsecond();
    match last {
        Some(last) if sent.div_euclid(SECOND) >= last.div_euclid(SECOND) => sent.max(last + 1),
        _ => sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rise_with_arrival_within_one_second_only() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let first = next_version(None, at(10));
        let second = next_version(Some(first), at(10));
        let third = next_version(Some(second), at(10));
        assert!(first < second && second < third);
        assert!(next_version(Some(third), at(9)) < first);
        assert!(next_version(Some(third), at(11)) > third);
    }
}
