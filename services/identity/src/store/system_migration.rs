//! The migration of checks, switch-on steps and the newer columns of clients. It must never change.

use sea_orm::{
    DbErr,
    sea_query::{ColumnDef, Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, string, string_null, text},
};

use super::{
    check_report::entity::{self as check_report, Column as R},
    client::entity::{self as client, Column as C},
    switch_step::entity::{self as switch_step, Column as S},
};

pub struct Systems;

impl MigrationName for Systems {
    fn name(&self) -> &'static str {
        "m20261202_000009_systems"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Systems {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut reports = Table::create();
        reports.table(check_report::Entity).col(string(R::System).primary_key()).col(text(R::Fingerprint));
        reports.col(big_integer(R::At)).col(text(R::Report));
        manager.create_table(reports).await?;
        create_steps(manager).await?;
        for column in client_columns() {
            manager.alter_table(Table::alter().table(client::Entity).add_column(column).to_owned()).await?;
        }
        let mut index = Index::create();
        index.name("client_org").table(client::Entity).col(C::Org);
        manager.create_index(index).await
    }
}

async fn create_steps(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut steps = Table::create();
    steps.table(switch_step::Entity).col(string(S::Id).primary_key()).col(big_integer(S::At));
    steps.col(string(S::System)).col(string(S::Dataset)).col(string_null(S::Unit)).col(string_null(S::Receiver));
    steps.col(string(S::FromStage)).col(string(S::ToStage)).col(text(S::MadeBy)).col(string(S::User));
    steps.col(text(S::SignedOffBy)).col(text(S::UserView));
    manager.create_table(steps).await?;
    let mut index = Index::create();
    index.name("switch_step_system").table(switch_step::Entity).col(S::System).col(S::At);
    manager.create_index(index).await
}

/// A client of the version before came with a seed, has its keys in the row, and is not suspended.
fn client_columns() -> [ColumnDef; 6] {
    let mut jwks_url = ColumnDef::new(C::JwksUrl);
    jwks_url.string().not_null().default("");
    let mut per_minute = ColumnDef::new(C::PerMinute);
    per_minute.integer().not_null().default(0);
    let mut suspended = ColumnDef::new(C::Suspended);
    suspended.boolean().not_null().default(false);
    let mut by_platform = ColumnDef::new(C::SuspendedByPlatform);
    by_platform.boolean().not_null().default(false);
    let mut kept_by = ColumnDef::new(C::KeptBy);
    kept_by.string().not_null().default("seed");
    let mut last_used_at = ColumnDef::new(C::LastUsedAt);
    last_used_at.big_integer().null();
    [jwks_url, per_minute, suspended, by_platform, kept_by, last_used_at]
}
