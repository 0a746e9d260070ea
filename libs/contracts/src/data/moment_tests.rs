//! Tests of `moment.rs`.

use super::*;

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

#[test]
fn it_is_written_as_precisely_as_it_was_read() {
    for text in ["2026-07-27", "2026-11-27T10Z", "2026-11-27T10:05Z", "2026-11-27T10:05:09Z"] {
        assert_eq!(moment(text).to_string(), text);
        assert_eq!(serde_json::from_str::<Moment>(&format!("\"{text}\"")).unwrap(), moment(text));
    }
    assert!(serde_json::from_str::<Moment>("\"yesterdays\"").is_err());
    assert!(serde_json::from_str::<Moment>("\"2026-11-27Té:0Z\"").is_err());
}

#[test]
fn the_version_before_reads_every_time_as_an_instant() {
    for text in ["2026-07-27", "2026-11-27T10Z", "2026-11-27T10:05Z", "2026-11-27T10:05:09Z"] {
        let written = serde_json::to_string(&moment(text)).unwrap();
        let instant: Timestamp = serde_json::from_str(&written).unwrap();
        assert_eq!(instant, moment(text).at, "{written}");
        assert_eq!(serde_json::from_str::<Moment>(&written).unwrap(), moment(text), "{written}");
    }
    assert!(serde_json::from_str::<Moment>("\"yesterday[Europe/London]\"").is_err());
}

#[test]
fn a_day_is_londons_and_lasts_until_its_last_instant() {
    assert_eq!(moment("2026-07-27").at.to_string(), "2026-07-26T23:00:00Z");
    assert_eq!(moment("2026-10-25").last().to_string(), "2026-10-25T23:59:59.999999Z");
    assert_eq!(moment("2026-11-27T10:05Z").last().to_string(), "2026-11-27T10:05:59.999999Z");
}

#[test]
fn what_is_equal_at_the_coarser_precision_is_not_before() {
    assert!(!moment("2026-11-27").is_before(moment("2026-11-27T10:05:09Z")));
    assert!(!moment("2026-11-27T10:05:09Z").is_before(moment("2026-11-27")));
    assert!(moment("2026-11-26").is_before(moment("2026-11-27T00:00:01Z")));
    assert!(moment("2026-11-27T10:05:09Z").is_before(moment("2026-11-27T10:06Z")));
}
