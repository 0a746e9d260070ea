//! Bringing a store to its newest form. With `PostgreSQL` this will hold an advisory lock of its own, since the
//! migrator takes none; an `SQLite` file has one writer process, which is lock enough.

use sea_orm::{DatabaseConnection, DbErr};
use sea_orm_migration::MigratorTrait;

/// Runs the pending migrations of `M`.
pub async fn up<M: MigratorTrait>(connection: &DatabaseConnection) -> Result<(), DbErr> {
    M::up(connection, None).await
}
