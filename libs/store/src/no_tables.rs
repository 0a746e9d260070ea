//! The migrations of a store without tables of its own. They must stay empty.

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// For services without tables, and for tests that need only the outbox.
#[derive(Debug)]
pub struct NoTables;

impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}
