//! The migration of the domains with which a provider passed its check. It must never change.

use sea_orm::{
    DbErr,
    sea_query::{ColumnDef, Table},
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::provider::entity::{Column, Entity};

pub struct PassedDomains;

impl MigrationName for PassedDomains {
    fn name(&self) -> &'static str {
        "m20261203_000012_passed_domains"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PassedDomains {
    /// The version before does not write the column.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut added = ColumnDef::new(Column::PassedDomains);
        added.text().not_null().default("[]");
        manager.alter_table(Table::alter().table(Entity).add_column(added).to_owned()).await
    }
}
