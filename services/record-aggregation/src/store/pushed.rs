//! Pushed items by the identity they are about, their kind and the source's own key: a referral and an
//! appointment may bear the same number. The newest version alone is kept.

use lcr_model::SourceIdentity;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, string, text},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pushed")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub local_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub item: String,
        pub version: i64,
        pub sealed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
use entity::{ActiveModel, Column, Entity};

/// Keeps each unless a version as new is held.
pub async fn keep(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    for row in rows {
        let key = (row.source.clone(), row.local_id.clone(), row.kind.clone(), row.item.clone());
        let held = Entity::find_by_id(key).one(tx).await?;
        let newer = held.as_ref().is_none_or(|held| held.version < row.version);
        let row: ActiveModel = row.into();
        match held {
            _ if !newer => {}
            Some(_) => {
                Entity::update(row.reset_all()).exec(tx).await?;
            }
            None => {
                Entity::insert(row.reset_all()).exec_without_returning(tx).await?;
            }
        }
    }
    Ok(())
}

pub async fn of(db: &impl ConnectionTrait, identities: &[SourceIdentity]) -> Result<Vec<Model>, DbErr> {
    if identities.is_empty() {
        return Ok(vec![]);
    }
    let any = identities.iter().fold(Condition::any(), |any, one| {
        any.add(
            Condition::all()
                .add(Column::Source.eq(one.source.as_str()))
                .add(Column::LocalId.eq(one.local_id.0.as_str())),
        )
    });
    Entity::find().filter(any).all(db).await
}

pub struct Pushed;

impl MigrationName for Pushed {
    fn name(&self) -> &'static str {
        "m20261123_000002_pushed"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Pushed {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut key = Index::create();
        key.col(Column::Source).col(Column::LocalId).col(Column::Kind).col(Column::Item);
        let table = Table::create()
            .table(Entity)
            .col(string(Column::Source))
            .col(string(Column::LocalId))
            .col(string(Column::Kind))
            .col(string(Column::Item))
            .col(big_integer(Column::Version))
            .col(text(Column::Sealed))
            .primary_key(&mut key)
            .to_owned();
        manager.create_table(table).await
    }
}
