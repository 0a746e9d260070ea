//! Tests of `checkpoint_times.rs`.

use super::*;

#[test]
fn times_survive_writing_and_reading_and_other_lines_are_ignored() {
    let times = CheckpointTimes { signed_at: 1_800_000_100, codes_since: 1_800_000_000 };
    assert_eq!(CheckpointTimes::read(&times.write()), Some(times));
    assert_eq!(CheckpointTimes::read(&format!("other 1\n{}", times.write())), Some(times));
    for text in ["", "signed-at 1\n", "signed-at x\ncodes-since 1\n", "codes-since 1\n"] {
        assert_eq!(CheckpointTimes::read(text), None, "{text}");
    }
}

#[test]
fn rows_without_a_code_are_accepted_for_a_quarter_of_an_hour() {
    let first = CheckpointTimes::next(None, 1000);
    let later = CheckpointTimes::next(Some(first), 5000);
    assert_eq!((later.signed_at, later.codes_since), (5000, 1000));
    assert!(CheckpointTimes::accepts_uncoded_rows(None, 9000));
    assert!(CheckpointTimes::accepts_uncoded_rows(Some(later), 1000 + GRACE_SECONDS - 1));
    assert!(!CheckpointTimes::accepts_uncoded_rows(Some(later), 1000 + GRACE_SECONDS));
}
