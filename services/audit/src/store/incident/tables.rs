//! The tables of incidents and of the organisations with which they are shared, and the migration that makes them.

use sea_orm::{
    DbErr,
    sea_query::{ColumnDef, Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, string, text, uuid},
};

pub mod incident {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "incident")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The organisation whose officer opened it.
        pub owner: String,
        /// Sealed with `audit/incident/<id>/title`.
        pub title: String,
        /// Sealed with `audit/incident/<id>/note`.
        pub note: String,
        pub person: Uuid,
        pub user: Option<String>,
        /// Microseconds since 1970, as the other times.
        pub starts_at: i64,
        /// Exclusive.
        pub ends_at: i64,
        pub opened_by: String,
        pub opened_at: i64,
        pub closed_by: Option<String>,
        pub closed_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod share {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "incident_share")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub incident: Uuid,
        pub organisation: String,
        pub shared_by: String,
        pub shared_at: i64,
        pub ended_by: Option<String>,
        /// None while the share is in force.
        pub ended_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use incident::Column as I;
use share::Column as S;

/// Makes both tables.
pub struct Incidents;

impl MigrationName for Incidents {
    fn name(&self) -> &'static str {
        "m20261202_000008_incidents"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Incidents {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut incidents = Table::create();
        incidents.table(incident::Entity).col(uuid(I::Id).primary_key()).col(string(I::Owner));
        incidents.col(text(I::Title)).col(text(I::Note)).col(uuid(I::Person));
        incidents.col(ColumnDef::new(I::User).string().null());
        incidents.col(big_integer(I::StartsAt)).col(big_integer(I::EndsAt));
        incidents.col(text(I::OpenedBy)).col(big_integer(I::OpenedAt));
        incidents.col(ColumnDef::new(I::ClosedBy).text().null()).col(ColumnDef::new(I::ClosedAt).big_integer().null());
        manager.create_table(incidents).await?;
        let by_owner =
            Index::create().name("incident_owner").table(incident::Entity).col(I::Owner).col(I::Id).to_owned();
        manager.create_index(by_owner).await?;
        let mut shares = Table::create();
        shares.table(share::Entity).col(uuid(S::Id).primary_key()).col(uuid(S::Incident)).col(string(S::Organisation));
        shares.col(text(S::SharedBy)).col(big_integer(S::SharedAt));
        shares.col(ColumnDef::new(S::EndedBy).text().null()).col(ColumnDef::new(S::EndedAt).big_integer().null());
        manager.create_table(shares).await?;
        let by_incident =
            Index::create().name("incident_share_incident").table(share::Entity).col(S::Incident).to_owned();
        manager.create_index(by_incident).await?;
        let by_organisation =
            Index::create().name("incident_share_organisation").table(share::Entity).col(S::Organisation).to_owned();
        manager.create_index(by_organisation).await
    }
}
