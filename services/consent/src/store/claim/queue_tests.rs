//! Of two reviews of one claim, by two officers or at two replicas, only one is logged and stored.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_store::{Durability, Store};
use lcr_testkit::Folder;

use super::*;
use crate::store::{Migrator, claim};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn by(user: &str, second: i64) -> ReviewedBy {
    ReviewedBy { user: user.to_owned(), at: at(second) }
}

fn made() -> ClaimRow {
    ClaimRow {
        id: Uuid::now_v7(),
        person: Uuid::now_v7(),
        user: "nurse".into(),
        user_words: "A nurse".into(),
        organisation: "Z9H01".into(),
        role: "community-nurse".into(),
        kind: ClaimKind::SelfClaim.into(),
        reason: Some("covering".into()),
        permission: None,
        text: None,
        made_at: at(0).as_microsecond(),
        until: at(3600).as_microsecond(),
        session: Uuid::now_v7(),
        outcome: None,
        review: None,
        reviewed_by: None,
        reviewed_at: None,
    }
}

async fn begins(store: &Store, claim: Uuid, by: ReviewedBy) -> bool {
    store.write(async move |tx| begin_review(&tx, claim, &by).await).await.unwrap()
}

async fn stores(store: &Store, claim: Uuid, outcome: ClaimOutcome, by: ReviewedBy) -> bool {
    store.write(async move |tx| store_review(&tx, claim, outcome, "sealed".to_owned(), &by).await).await.unwrap()
}

#[tokio::test]
async fn only_the_review_that_was_reserved_last_is_stored() {
    let folder = Folder::new("claim-queue").unwrap();
    let store =
        Store::open::<Migrator>(&folder.path().join("c.db"), "consent", Durability::Acknowledged).await.unwrap();
    let row = made();
    let id = row.id;
    store.write(async move |tx| claim::reserve(&tx, row).await).await.unwrap().unwrap();
    assert!(begins(&store, id, by("one", 1)).await);
    assert!(!begins(&store, id, by("two", 2)).await, "another replica is logging its review");
    store.write(async move |tx| cancel_review(&tx, id, &by("one", 1)).await).await.unwrap();
    assert!(begins(&store, id, by("two", 2)).await, "the log refused the first one");
    assert!(!begins(&store, id, by("one", 31)).await);
    assert!(begins(&store, id, by("one", 33)).await, "the second process ended before it stored its review");
    assert!(!stores(&store, id, ClaimOutcome::Justified, by("two", 2)).await);
    assert!(stores(&store, id, ClaimOutcome::NotJustified, by("one", 33)).await);
    assert!(!begins(&store, id, by("two", 100)).await, "reviewed");
    let stored = claim::find(store.read(), id).await.unwrap().unwrap();
    assert_eq!(
        (stored.outcome().unwrap(), stored.reviewed_by.as_deref()),
        (Some(ClaimOutcome::NotJustified), Some("one"))
    );
}
