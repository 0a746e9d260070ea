//! The tables of the agreement and their migration. Names of tables and columns must never change.

use sea_orm::{
    DbErr,
    sea_query::{Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, boolean, string, text},
};

use crate::store::organisation_file::entity::{self as file, Column as F};

pub mod schedule {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_schedule")]
    pub struct Model {
        /// A time-ordered UUID.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub registration: String,
        /// JSON.
        pub body: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod signatory {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_signatory")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub registration: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub duty: String,
        pub user: String,
        pub name: String,
        pub appointed: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod signature {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_signature")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub registration: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub duty: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub text_hash: String,
        pub ods: String,
        pub user: String,
        pub version: String,
        pub schedule: String,
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod signed_text {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement_text")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub text_hash: String,
        pub version: String,
        /// The documents as JSON, exactly as they were signed.
        pub body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The migration of these tables and of the organisations' files.
pub struct Agreements;

impl MigrationName for Agreements {
    fn name(&self) -> &'static str {
        "m20261202_000008_agreements"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Agreements {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut files = Table::create();
        files.table(file::Entity).col(string(F::Ods).primary_key()).col(string(F::Registration));
        files.col(big_integer(F::Registered)).col(text(F::Details)).col(boolean(F::OnPaper));
        files.col(boolean(F::SuspendedByPlatform)).col(boolean(F::LeftByPlatform));
        manager.create_table(files).await?;
        create_agreement_tables(manager).await
    }
}

async fn create_agreement_tables(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    use schedule::Column as S;
    use signatory::Column as A;
    use signature::Column as G;
    use signed_text::Column as T;
    let mut schedules = Table::create();
    schedules.table(schedule::Entity).col(string(S::Id).primary_key()).col(string(S::Registration));
    schedules.col(text(S::Body)).col(big_integer(S::At));
    manager.create_table(schedules).await?;
    let mut index = Index::create();
    index.name("agreement_schedule_registration").table(schedule::Entity).col(S::Registration);
    manager.create_index(index).await?;

    let mut signatories = Table::create();
    signatories.table(signatory::Entity).col(string(A::Registration)).col(string(A::Duty)).col(string(A::User));
    signatories.col(text(A::Name)).col(big_integer(A::Appointed));
    signatories.primary_key(Index::create().col(A::Registration).col(A::Duty));
    manager.create_table(signatories).await?;

    let mut signatures = Table::create();
    signatures.table(signature::Entity);
    for column in [G::Registration, G::Duty, G::TextHash, G::Ods, G::User, G::Version, G::Schedule] {
        signatures.col(string(column));
    }
    signatures.col(big_integer(G::At));
    signatures.primary_key(Index::create().col(G::Registration).col(G::Duty).col(G::TextHash));
    manager.create_table(signatures).await?;

    let mut texts = Table::create();
    texts.table(signed_text::Entity).col(string(T::TextHash).primary_key());
    texts.col(string(T::Version)).col(text(T::Body));
    manager.create_table(texts).await
}
