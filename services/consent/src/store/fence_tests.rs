//! The fence in a store: ended sessions are known until nobody can hold them, and are forgotten a few at a time, without
//! the numbers of people being touched.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use sea_orm::ActiveModelTrait;

use super::*;
use crate::store::Migrator;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
}

async fn ended(store: &Store, session: SessionId) -> bool {
    let key = super::session(session);
    read(store.read(), vec![key.clone()]).await.unwrap().contains_key(&key)
}

async fn end_at(store: &Store, sessions: Vec<SessionId>, now: Timestamp) {
    let write = store.write::<_, DbErr, _>(move |tx| Box::pin(async move { end(tx, &sessions, now).await }));
    write.await.unwrap();
}

#[tokio::test]
async fn ended_sessions_are_known_for_a_day_and_then_forgotten_a_few_at_a_time() {
    let folder = Folder::new("fence").unwrap();
    let store = Store::open::<Migrator>(&folder.path().join("c.db"), "consent", Durability::Acknowledged)
        .await
        .unwrap();
    let somebody = PersonId::new();
    let raises = store.write::<_, DbErr, _>(move |tx| {
        Box::pin(async move { raise(tx, vec![person(somebody)], at(0)).await })
    });
    raises.await.unwrap();
    let old: Vec<SessionId> = (0..250).map(|_| SessionId::new()).collect();
    end_at(&store, old.clone(), at(0)).await;
    let young = SessionId::new();
    end_at(&store, vec![young, young], at(23)).await;
    assert!(ended(&store, old[0]).await && ended(&store, young).await);
    for left in [150, 50, 0] {
        end_at(&store, vec![young], at(25)).await;
        let mut known = 0;
        for one in &old {
            known += usize::from(ended(&store, *one).await);
        }
        assert_eq!(known, left);
    }
    assert!(ended(&store, young).await);
    let people = read(store.read(), vec![person(somebody)]).await.unwrap();
    assert_eq!(people.len(), 1, "a person's number is never forgotten");
}

#[tokio::test]
async fn a_session_that_stands_in_one_of_the_two_tables_has_ended() {
    let folder = Folder::new("fence").unwrap();
    let store = Store::open::<Migrator>(&folder.path().join("c.db"), "consent", Durability::Acknowledged)
        .await
        .unwrap();
    let (before, after) = (SessionId::new(), SessionId::new());
    let old = ActiveModel { key: Set(session(before)), number: Set(1), at: Set(1) };
    old.insert(store.read()).await.unwrap();
    let new = ended::ActiveModel { key: Set(session(after)), at: Set(1) };
    new.insert(store.read()).await.unwrap();
    assert!(super::tests::ended(&store, before).await, "as the version before writes it");
    assert!(super::tests::ended(&store, after).await, "as the version after will");
}
