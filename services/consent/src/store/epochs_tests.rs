//! Epochs in a store: ended sessions are kept for a day and then deleted a few at a time. People's epochs stay.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use sea_orm::ActiveModelTrait;

use super::*;
use crate::store::Migrator;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
}

async fn has_ended(store: &Store, session: SessionId) -> bool {
    let key = session_key(session);
    read(store.read(), vec![key.clone()]).await.unwrap().contains_key(&key)
}

async fn end_at(store: &Store, sessions: Vec<SessionId>, now: Timestamp) {
    let write = store.write(async move |tx| end_sessions(&tx, &sessions, now).await);
    write.await.unwrap();
}

#[tokio::test]
async fn ended_sessions_are_kept_for_a_day_and_then_deleted_a_few_at_a_time() {
    let folder = Folder::new("fence").unwrap();
    let store =
        Store::open::<Migrator>(&folder.path().join("c.db"), "consent", Durability::Acknowledged).await.unwrap();
    let person = PersonId::new();
    let write = store.write(async move |tx| bump(&tx, vec![person_key(person)], at(0)).await);
    write.await.unwrap();
    let old: Vec<SessionId> = (0..250).map(|_| SessionId::new()).collect();
    end_at(&store, old.clone(), at(0)).await;
    let young = SessionId::new();
    end_at(&store, vec![young, young], at(23)).await;
    assert!(has_ended(&store, old[0]).await && has_ended(&store, young).await);
    for left in [150, 50, 0] {
        end_at(&store, vec![young], at(25)).await;
        let mut known = 0;
        for session in &old {
            known += usize::from(has_ended(&store, *session).await);
        }
        assert_eq!(known, left);
    }
    assert!(has_ended(&store, young).await);
    let people = read(store.read(), vec![person_key(person)]).await.unwrap();
    assert_eq!(people.len(), 1, "a person's epoch is never deleted");
}

#[tokio::test]
async fn a_session_in_either_table_has_ended() {
    let folder = Folder::new("fence").unwrap();
    let store =
        Store::open::<Migrator>(&folder.path().join("c.db"), "consent", Durability::Acknowledged).await.unwrap();
    let (before, after) = (SessionId::new(), SessionId::new());
    let old = ActiveModel { key: Set(session_key(before)), number: Set(1), at: Set(1) };
    old.insert(store.read()).await.unwrap();
    let new = ended_session::ActiveModel { key: Set(session_key(after)), at: Set(1) };
    new.insert(store.read()).await.unwrap();
    assert!(has_ended(&store, before).await, "as the previous version writes it");
    assert!(has_ended(&store, after).await, "as a later version will write it");
}
