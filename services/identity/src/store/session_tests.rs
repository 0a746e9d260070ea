//! Ended sessions and expired assertions are found by an index and deleted a few at a time.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_model::{ActorKind, OdsCode, Purpose, Role, SessionId, UserId};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use sea_orm::{PaginatorTrait, Statement};

use super::*;
use crate::store::{Migrator, client};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn actor() -> Actor {
    Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Somebody".into(),
        org: OdsCode::new("Y90001"),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    }
}

async fn store(folder: &Folder) -> Store {
    let file = folder.path().join("identity.db");
    Store::open::<Migrator>(&file, "identity", Durability::Acknowledged).await.unwrap()
}

/// A launched session: nobody saw its user sign in.
fn session_at<'a>(now: Timestamp, hash: &'a str, actor: &'a Actor) -> NewSession<'a> {
    NewSession {
        hash,
        actor,
        issuer: "launch/partner",
        provider_role: None,
        sid: None,
        started: now,
        authenticated_at: None,
        frame_ancestors: "",
    }
}

async fn insert_sessions(store: &Store, names: std::ops::Range<i64>, now: Timestamp) {
    let write = store.write(async move |tx| {
        for name in names {
            let (hash, actor) = (format!("s{name}"), actor());
            insert(&tx, session_at(now, &hash, &actor), now).await?;
        }
        Ok(())
    });
    write.await.unwrap();
}

#[tokio::test]
async fn only_ended_sessions_are_deleted() {
    let folder = Folder::new("sessions").unwrap();
    let store = store(&folder).await;
    insert_sessions(&store, 0..150, at(0)).await;
    insert_sessions(&store, 150..151, at(1000)).await;
    assert_eq!(Entity::find().count(store.read()).await.unwrap(), 151, "their tokens may still be valid");
    insert_sessions(&store, 151..152, at(2000)).await;
    assert_eq!(Entity::find().count(store.read()).await.unwrap(), 52, "a hundred at a time");
    insert_sessions(&store, 152..153, at(2000)).await;
    let left = Entity::find().order_by_asc(Column::SecretHash).all(store.read()).await.unwrap();
    let left: Vec<_> = left.into_iter().map(|row| row.secret_hash).collect();
    assert_eq!(left, ["s150", "s151", "s152"]);
}

#[tokio::test]
async fn a_session_keeps_when_its_user_proved_who_they_are() {
    let folder = Folder::new("authenticated").unwrap();
    let store = store(&folder).await;
    let write = store.write(async move |tx| {
        let actor = actor();
        insert(&tx, session_at(at(0), "launched", &actor), at(0)).await?;
        let signed_in = NewSession { authenticated_at: Some(at(-500)), ..session_at(at(0), "signed-in", &actor) };
        insert(&tx, signed_in, at(0)).await
    });
    write.await.unwrap();
    let found = async |hash: &str| find(store.read(), hash).await.unwrap().unwrap();
    assert_eq!(found("launched").await.authenticated_at, None);
    let signed_in = found("signed-in").await;
    assert_eq!((signed_in.authenticated_at, signed_in.started), (Some(at(-500)), at(0)));
}

#[tokio::test]
async fn an_assertion_is_accepted_once_and_deleted_after_it_expired() {
    let folder = Folder::new("assertions").unwrap();
    let store = store(&folder).await;
    let first = |name: &str, expires: i64, now: i64| {
        let hashes = [name.to_owned()];
        let (expires, now) = (at(expires), at(now));
        store.write(async move |tx| client::record_first_use(&tx, &hashes, expires, now).await)
    };
    assert!(first("a", 100, 0).await.unwrap());
    assert!(!first("a", 100, 50).await.unwrap());
    assert!(first("b", 2000, 1000).await.unwrap(), "and \"a\" is deleted");
    assert_eq!(client::used_assertion::Entity::find().count(store.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn expired_rows_are_found_by_an_index() {
    let folder = Folder::new("indexes").unwrap();
    let store = store(&folder).await;
    for (table, column) in [
        ("session", "seen"),
        ("session", "started"),
        ("session", "provider_sid"),
        ("session", "\"user\""),
        ("session", "org"),
        ("used_assertion", "expires"),
        ("login", "expires"),
    ] {
        let plan = format!("EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {column} < 5 ORDER BY {column} LIMIT 100");
        let db = store.read();
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), plan)).await.unwrap();
        let plan: String = rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect();
        assert!(plan.contains("USING INDEX"), "{table}.{column}: {plan}");
    }
}
