//! Up to where the log's acts on choices are known to be here. It is restored with the choices, so that it tells how old
//! they are.

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set, sea_query::OnConflict};
use uuid::Uuid;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_seen")]
    pub struct Model {
        /// Always 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub one: i64,
        pub entry: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// The last entry compared with.
pub async fn read(db: &impl ConnectionTrait) -> Result<Option<Uuid>, DbErr> {
    Ok(Entity::find_by_id(1).one(db).await?.map(|row| row.entry))
}

pub async fn keep(tx: &impl ConnectionTrait, entry: Uuid) -> Result<(), DbErr> {
    let row = ActiveModel { one: Set(1), entry: Set(entry) };
    let moved = OnConflict::column(Column::One).update_column(Column::Entry).to_owned();
    Entity::insert(row).on_conflict(moved).exec_without_returning(tx).await.map(|_| ())
}
