//! The history of each organisation: who changed what, when and why. A row must never change or be deleted.

use jiff::Timestamp;
use lcr_contracts::partners::HistoryEntry;
use lcr_model::{OdsCode, SourceId, UserId};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, string, string_null, text},
};
use uuid::Uuid;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "partner_change")]
    pub struct Model {
        /// A time-ordered UUID, so that equal times keep their order.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub organisation: String,
        pub at: i64,
        pub made_by: String,
        pub user: String,
        pub what: String,
        pub reason: String,
        pub system: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// An entry to store.
#[derive(Debug, Clone)]
pub struct NewEntry {
    pub id: Uuid,
    pub organisation: OdsCode,
    pub at: Timestamp,
    pub by: String,
    pub user: UserId,
    pub what: String,
    pub reason: String,
    pub system: Option<SourceId>,
}

pub async fn insert(tx: &impl ConnectionTrait, entry: &NewEntry) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(entry.id.to_string()),
        organisation: Set(entry.organisation.to_string()),
        at: Set(entry.at.as_microsecond()),
        made_by: Set(entry.by.clone()),
        user: Set(entry.user.to_string()),
        what: Set(entry.what.clone()),
        reason: Set(entry.reason.clone()),
        system: Set(entry.system.as_ref().map(ToString::to_string)),
    };
    Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

/// The newest entries of an organisation.
pub async fn list(db: &impl ConnectionTrait, ods: &OdsCode, most: u64) -> Result<Vec<HistoryEntry>, StoreError> {
    let rows = Entity::find()
        .filter(Column::Organisation.eq(ods.as_str()))
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(to_entry).collect::<Result<_, DbErr>>()?)
}

/// When the newest entry with one of these sentences was made.
pub async fn last_at(
    db: &impl ConnectionTrait,
    ods: &OdsCode,
    sentences: Vec<String>,
) -> Result<Option<Timestamp>, StoreError> {
    let row = Entity::find()
        .filter(Column::Organisation.eq(ods.as_str()))
        .filter(Column::What.is_in(sentences))
        .order_by_desc(Column::At)
        .one(db)
        .await?;
    let at = row.map(|row| Timestamp::from_microsecond(row.at)).transpose();
    Ok(at.map_err(|e| DbErr::Type(e.to_string()))?)
}

fn to_entry(row: entity::Model) -> Result<HistoryEntry, DbErr> {
    Ok(HistoryEntry {
        id: row.id.parse().map_err(|_| DbErr::Type("a history entry's id is no UUID".to_owned()))?,
        at: Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))?,
        by: row.made_by,
        what: row.what,
        reason: row.reason,
        system: row.system.map(SourceId::new),
    })
}

/// The migration of this table.
pub struct PartnerChanges;

impl MigrationName for PartnerChanges {
    fn name(&self) -> &'static str {
        "m20261202_000007_partner_changes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PartnerChanges {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut changes = Table::create();
        changes.table(Entity).col(string(Column::Id).primary_key()).col(string(Column::Organisation));
        changes.col(big_integer(Column::At)).col(text(Column::MadeBy)).col(string(Column::User));
        changes.col(text(Column::What)).col(text(Column::Reason)).col(string_null(Column::System));
        manager.create_table(changes).await?;
        let mut index = Index::create();
        index.name("partner_change_organisation").table(Entity).col(Column::Organisation).col(Column::At);
        manager.create_index(index).await
    }
}
