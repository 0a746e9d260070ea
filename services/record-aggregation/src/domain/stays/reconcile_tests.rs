//! Tests of `reconcile.rs`.

use super::*;

#[test]
fn every_stay_is_compared_with_the_start_as_answered() {
    let entry = |date: &str| Entry { date: Some(date.into()), ..Entry::default() };
    let other = |day: &str| ("Start, by the hospital's record system".to_owned(), day.to_owned());
    for (answered, stays, more) in [
        ("2026-11-19", vec!["2026-11-19"], vec![]),
        ("2026-11-18", vec!["2026-11-19"], vec![other("18-Nov-2026")]),
        ("2026-11-18", vec!["2026-11-19", "2026-11-20"], vec![other("18-Nov-2026"); 2]),
        ("2026-11-18", vec!["2026-11-19", "2026-11-18"], vec![other("18-Nov-2026")]),
    ] {
        let mut merged = entry(answered);
        merge_stay(&mut merged, stays.iter().map(|date| entry(date)).collect());
        assert_eq!(merged.more, more, "{answered} and {stays:?}");
    }
}
