//! Migrations in `PostgreSQL`: they run once, wait for the server, and need no more rights than they must have.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_migrations_run_once() {
    let url = Postgres::shared().database();
    let location = location(&url);
    let current = migrate::is_current::<Migrator>(&location, "note-keeper").await;
    assert!(current.unwrap_err().contains("run `note-keeper migrate` first"));
    let runs = (0..4).map(|_| migrate::run::<Migrator>(&location, &location));
    assert!(join_all(runs).await.into_iter().all(|done| done.is_ok()));
    migrate::is_current::<Migrator>(&location, "note-keeper").await.unwrap();
    // After a rollback the code is older than its schema: no failure, and nothing is undone.
    let newer = "INSERT INTO note_keeper.seaql_migrations (version, applied_at) VALUES ('m20991231_000009_later', 0)";
    Postgres::shared().sql_in(&url, newer);
    migrate::run::<Migrator>(&location, &location).await.expect("older code on a newer schema");
    migrate::is_current::<Migrator>(&location, "note-keeper").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_serving_role_may_not_change_tables() {
    let server = Postgres::shared();
    let url = server.database();
    // A name that needs quoting.
    let role = format!("serves-{}", uuid::Uuid::new_v4().simple());
    server.sql(&format!("CREATE ROLE \"{role}\" LOGIN"));
    let own = location(&url.replace("postgres@", &format!("{role}@")));
    migrate::run::<Migrator>(&location(&url), &own).await.unwrap();
    let store = open(&own).await;
    note(&store, 1).await.unwrap();
    assert_eq!(ids(store.read()).await.len(), 1);
    assert!(store.read().execute_unprepared("DROP TABLE note").await.is_err());
    assert!(store.read().execute_unprepared("CREATE TABLE other (id INT)").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_with_rights_only_on_its_schema_can_migrate() {
    let server = Postgres::shared();
    let url = server.database();
    let role = format!("owns_{}", uuid::Uuid::new_v4().simple());
    server.sql(&format!("CREATE ROLE {role} LOGIN"));
    server.sql_in(&url, &format!("CREATE SCHEMA note_keeper AUTHORIZATION {role}"));
    let own = location(&url.replace("postgres@", &format!("{role}@")));
    migrate::run::<Migrator>(&own, &own).await.unwrap();
    note(&open(&own).await, 1).await.unwrap();
    // Without its own schema it may not create one, and gets the reason.
    let other = server.database().replace("postgres@", &format!("{role}@"));
    let refused = migrate::run::<Migrator>(&location(&other), &location(&other)).await.unwrap_err();
    assert_eq!(lcr_store::kind_of(&refused), "the role may not do this (SQLSTATE 42501)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_waits_for_a_server_that_is_starting() {
    let server = Postgres::start(&[("fsync", "off")]);
    let location = location(&server.database());
    server.kill();
    let migrating = tokio::spawn({
        let location = location.clone();
        async move { migrate::run::<Migrator>(&location, &location).await }
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    tokio::task::block_in_place(|| server.restart());
    migrating.await.unwrap().expect("it waits");
    migrate::is_current::<Migrator>(&location, "note-keeper").await.unwrap();
}
