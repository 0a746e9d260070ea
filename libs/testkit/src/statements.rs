//! Counts the statements that a piece of work runs on a `SQLite` store. It must never change what it counts: it only reads.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait};

/// The reader connections of a store (`READERS` in `libs/store/src/connect.rs`).
const CONNECTIONS: usize = 4;
/// A background task may read at the same time, so that the smallest of several counts is the true one.
const ROUNDS: usize = 5;

/// How many statements `work` runs on the readers of a `SQLite` store, which are most of the cost of a page or a decision.
///
/// Each connection counts the runs of the statements that it has prepared (the virtual table `sqlite_stmt`). The sum over all
/// connections is taken before and after `work`, and the statements of the counting itself are subtracted. `work` runs six
/// times: once to prepare its statements and to fill caches, then in each round. So it must have the same cost each time, and
/// what it reads only once is not counted. Writes are not counted, because the writer has a connection of its own.
pub async fn statements_of(readers: &DatabaseConnection, work: impl AsyncFn()) -> Result<i64, DbErr> {
    work().await;
    let counting = counted(readers, &async || ()).await?;
    Ok(counted(readers, &work).await? - counting)
}

/// The statements between two counts with `work` in between.
async fn counted(readers: &DatabaseConnection, work: &impl AsyncFn()) -> Result<i64, DbErr> {
    let mut least = i64::MAX;
    for _ in 0..ROUNDS {
        let before = statements_run(readers).await?;
        work().await;
        least = least.min(statements_run(readers).await? - before);
    }
    Ok(least)
}

/// How many statements the readers have run.
async fn statements_run(readers: &DatabaseConnection) -> Result<i64, DbErr> {
    let (mut sum, mut begun) = (0, vec![]);
    for _ in 0..CONNECTIONS {
        // A transaction holds its connection, so that the next one begins on another.
        let tx = readers.begin().await?;
        let runs = Statement::from_string(DbBackend::Sqlite, "SELECT COALESCE(SUM(run), 0) FROM sqlite_stmt");
        let row = tx.query_one_raw(runs).await?;
        sum += row.map_or(Ok(0), |row| row.try_get_by_index::<i64>(0))?;
        begun.push(tx);
    }
    for tx in begun {
        tx.rollback().await?;
    }
    Ok(sum)
}
