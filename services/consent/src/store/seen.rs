//! When this store was last known to be whole. It is restored with the choices, so that it tells how old they are.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set, sea_query::OnConflict};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_seen")]
    pub struct Model {
        /// Always 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub one: i64,
        /// Microseconds since the epoch.
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// None where it never said so.
pub async fn read(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, DbErr> {
    let row = Entity::find_by_id(1).one(db).await?;
    row.map(|row| Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))).transpose()
}

pub async fn keep(tx: &impl ConnectionTrait, at: Timestamp) -> Result<(), DbErr> {
    let row = ActiveModel { one: Set(1), at: Set(at.as_microsecond()) };
    let moved = OnConflict::column(Column::One).update_column(Column::At).to_owned();
    Entity::insert(row).on_conflict(moved).exec_without_returning(tx).await.map(|_| ())
}
