//! The limits of the agreements are sent once more, with nothing else.

use jiff::civil::date;
use lcr_contracts::events::Stream;
use lcr_testkit::Folder;

use super::*;
use crate::{
    organisations::testing::{ODS, administrator, all_sign, appoint_all, register, row, set_schedule, store},
    store::partner_change,
};

const DAY: Date = date(2026, 2, 1);

/// The changes of the registry that were published after this place of the log.
async fn published(store: &Store, after: i64) -> Vec<PartnersChanged> {
    let rows = store.outbox().after(Stream::Partners, after, 100).await.unwrap();
    rows.iter().map(|row| row.event.body::<PartnersChanged>().unwrap().unwrap()).collect()
}

#[tokio::test]
async fn a_row_with_a_limit_is_sent_once_more_with_a_newer_version_and_without_an_entry() {
    let folder = Folder::new("renewal-limits").unwrap();
    let store = store(&folder).await;
    let head = async || store.outbox().head(Stream::Partners).await.unwrap();
    let later = administrator(DAY).now + SignedDuration::from_mins(10);
    register(&store, DAY).await;
    set_schedule(&store, DAY, &[Dataset::Allergies]).await;
    let before = head().await;
    publish_limits(&store, later).await.unwrap();
    assert!(published(&store, before).await.is_empty(), "nothing is signed, so there is no limit");
    appoint_all(&store, DAY).await;
    all_sign(&store, DAY).await;
    let newest = published(&store, 0).await.into_iter().map(|change| change.version).max().unwrap();
    let (before, row) = (head().await, row(&store).await);
    let entries = async || partner_change::list(store.read(), &OdsCode::new(ODS), 100).await.unwrap().len();
    let count = entries().await;
    publish_limits(&store, later).await.unwrap();
    let sent = published(&store, before).await;
    assert_eq!(sent.len(), 1);
    assert!(sent[0].version > newest, "consumers take it");
    assert!(row.receives.is_some() && sent[0].organisation.as_ref() == Some(&row), "as it is");
    assert_eq!(entries().await, count);
}
