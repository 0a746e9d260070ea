//! The migration by which a client can be removed. It must never change.

use sea_orm::{
    DbErr,
    sea_query::{ColumnDef, Table},
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::client::entity::{Column, Entity};

pub struct Removals;

impl MigrationName for Removals {
    fn name(&self) -> &'static str {
        "m20261203_000013_removals"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Removals {
    /// The version before does not write the column.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut removed = ColumnDef::new(Column::Removed);
        removed.boolean().not_null().default(false);
        manager.alter_table(Table::alter().table(Entity).add_column(removed).to_owned()).await
    }
}
