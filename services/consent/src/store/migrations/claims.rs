//! The tables of claims. Their names must never change.

use sea_orm::{
    DbErr,
    sea_query::{Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, big_integer_null, string, string_null, uuid},
};

use crate::store::claim::{
    officer,
    row::{Column as C, Entity},
};

pub(super) struct AccessClaims;

impl MigrationName for AccessClaims {
    fn name(&self) -> &'static str {
        "m20261130_000009_access_claims"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AccessClaims {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut claims = Table::create();
        claims.table(Entity).col(uuid(C::Id).primary_key()).col(uuid(C::Person)).col(uuid(C::Session));
        for column in [C::User, C::UserWords, C::Organisation, C::Role, C::Kind] {
            claims.col(string(column));
        }
        for column in [C::Reason, C::Permission, C::Text, C::Outcome, C::Review, C::ReviewedBy] {
            claims.col(string_null(column));
        }
        claims.col(big_integer(C::MadeAt)).col(big_integer(C::Until)).col(big_integer_null(C::ReviewedAt));
        manager.create_table(claims).await?;
        let by_user = Index::create().name("access_claim_user").table(Entity).col(C::User).col(C::Until).to_owned();
        manager.create_index(by_user).await?;
        let mut by_organisation = Index::create();
        by_organisation.name("access_claim_organisation").table(Entity).col(C::Organisation).col(C::MadeAt);
        manager.create_index(by_organisation).await?;
        let officers = Table::create()
            .table(officer::Entity)
            .col(string(officer::Column::Organisation).primary_key())
            .col(big_integer(officer::Column::SeenAt))
            .to_owned();
        manager.create_table(officers).await
    }
}
