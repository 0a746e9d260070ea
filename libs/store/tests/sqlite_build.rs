//! How the bundled `SQLite` is built (`.cargo/config.toml`). Without these options nothing fails, but every bound `LIMIT`
//! would be compiled again at each read.

#![allow(clippy::unwrap_used, reason = "tests")]

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, EntityTrait, QueryOrder, QuerySelect,
    Statement,
};

mod note {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "note")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One connection, so that all reads share one compiled statement.
async fn connect() -> DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

#[tokio::test]
async fn sqlite_is_built_with_stable_plans_and_without_memory_statistics() {
    let options = Statement::from_string(DbBackend::Sqlite, "PRAGMA compile_options");
    let rows = connect().await.query_all_raw(options).await.unwrap();
    let options: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    for wanted in ["ENABLE_QPSG", "DEFAULT_MEMSTATUS=0", "ENABLE_STMTVTAB"] {
        assert!(options.iter().any(|option| option == wanted), "{wanted} is missing from {options:?}");
    }
}

#[tokio::test]
async fn a_bound_limit_compiles_its_statement_once() {
    let db = connect().await;
    db.execute_unprepared("CREATE TABLE note (id INTEGER PRIMARY KEY)").await.unwrap();
    for limit in 1..=200_u64 {
        note::Entity::find().order_by_asc(note::Column::Id).limit(limit).all(&db).await.unwrap();
    }
    let sql = "SELECT SUM(run), SUM(reprep) FROM sqlite_stmt WHERE sql LIKE ?";
    let counts = Statement::from_sql_and_values(DbBackend::Sqlite, sql, ["%note%LIMIT ?%".into()]);
    let counts = db.query_one_raw(counts).await.unwrap().unwrap();
    let count = |column| counts.try_get_by_index::<i64>(column).unwrap();
    assert_eq!((count(0), count(1)), (200, 0), "runs and repeated compilations");
}
