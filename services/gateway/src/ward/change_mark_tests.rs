//! Tests of `change_mark.rs`.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn versions_separate_new_changed_and_seen_rows() {
    let (a, b) = (SpellId::new("a"), SpellId::new("b"));
    let now = at("2026-11-21T14:00:00Z");
    let baseline = Baseline::LastView { at: now, versions: StayVersions::from([(a.clone(), 3)]) };
    let mark = |spell, version| baseline.mark(spell, version, RowTimes::default(), now);
    assert_eq!([mark(&a, 3), mark(&a, 4), mark(&b, 1)], [ChangeMark::Seen, ChangeMark::Changed, ChangeMark::New]);
    assert_eq!(mark(&b, 1).words(&baseline).as_deref(), Some("New since you looked"));
}

#[test]
fn without_an_earlier_view_rows_are_marked_from_midnight_yesterday() {
    // In summer the day in London starts at 23:00 UTC.
    let now = at("2026-07-21T10:00:00Z");
    let mark = |began: &str, newest: &str| {
        let times = RowTimes { began: Some(at(began)), newest: Some(at(newest)) };
        Baseline::Yesterday.mark(&SpellId::new("a"), 1, times, now)
    };
    assert_eq!(mark("2026-07-19T23:00:00Z", "2026-07-19T23:00:00Z"), ChangeMark::New);
    assert_eq!(mark("2026-07-19T22:59:59Z", "2026-07-20T06:00:00Z"), ChangeMark::Changed);
    assert_eq!(mark("2026-07-10T10:00:00Z", "2026-07-19T22:59:59Z"), ChangeMark::Seen);
}
