//! Tests of `recent_views.rs`.

use jiff::ToSpan;
use lcr_model::SpellId;

use super::*;

fn key() -> ListKey {
    (UserId::new("gp"), "/ward?practice=B86000".into())
}

fn versions(all: &[(&str, i64)]) -> StayVersions {
    all.iter().map(|(id, version)| (SpellId::new(*id), *version)).collect()
}

async fn open_list(recent_views: &RecentViews, now: Timestamp, all: &[(&str, i64)]) -> Baseline {
    let since = recent_views.since(&key(), now).await;
    recent_views.record(&key(), now, since.clone(), &versions(all), versions(all)).await;
    since
}

#[tokio::test]
async fn marks_stay_during_a_visit_and_change_with_the_next() {
    let (recent_views, start) = (RecentViews::new(crate::tests::cache()), Timestamp::UNIX_EPOCH);
    assert_eq!(open_list(&recent_views, start, &[("a", 1)]).await, Baseline::Yesterday);
    let next = start + 1.hour();
    let expected = Baseline::LastView { at: start, versions: versions(&[("a", 1)]) };
    assert_eq!(open_list(&recent_views, next, &[("a", 1), ("b", 1)]).await, expected);
    // A filter chosen a minute later is part of the same visit.
    assert_eq!(open_list(&recent_views, next + 1.minute(), &[("a", 1), ("b", 1)]).await, expected);
    let later = open_list(&recent_views, next + 1.hour(), &[("a", 1), ("b", 1)]).await;
    assert!(matches!(later, Baseline::LastView { versions, .. } if versions.len() == 2));
}

#[tokio::test]
async fn a_filtered_out_stay_is_not_seen_and_a_reader_can_clear_the_marks() {
    let (recent_views, now) = (RecentViews::new(crate::tests::cache()), Timestamp::UNIX_EPOCH);
    let all = versions(&[("a", 1), ("b", 1)]);
    recent_views.record(&key(), now, Baseline::Yesterday, &all, versions(&[("a", 1)])).await;
    assert_eq!(recent_views.since(&key(), now).await, Baseline::Yesterday);
    recent_views.mark_seen(&key()).await;
    let seen = Baseline::LastView { at: now, versions: versions(&[("a", 1)]) };
    assert_eq!(recent_views.since(&key(), now).await, seen);
    assert_eq!(recent_views.since(&(UserId::new("other"), key().1), now).await, Baseline::Yesterday);
}

#[tokio::test]
async fn a_list_too_long_to_remember_is_marked_since_yesterday() {
    let (recent_views, now) = (RecentViews::new(crate::tests::cache()), Timestamp::UNIX_EPOCH);
    let all: StayVersions = (0..=MAX_STAYS).map(|id| (SpellId::new(id.to_string()), 1)).collect();
    recent_views.record(&key(), now, Baseline::Yesterday, &all, all.clone()).await;
    assert_eq!(recent_views.since(&key(), now + 1.hour()).await, Baseline::Yesterday);
}
