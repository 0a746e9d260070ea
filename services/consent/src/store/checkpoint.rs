//! The checkpoint: the last time when this store was known to be complete. A restore brings back the checkpoint with the
//! choices, so it shows how old they are. The table is `log_seen`.

use jiff::Timestamp;
use lcr_store::StoreError;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set, sea_query::OnConflict};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_seen")]
    pub struct Model {
        /// Always 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub one: i64,
        /// Microseconds since 1970.
        pub at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// `None` if no checkpoint was ever stored.
pub async fn read(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, StoreError> {
    let row = Entity::find_by_id(1).one(db).await?;
    Ok(row.map(|row| Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))).transpose()?)
}

pub async fn write(tx: &impl ConnectionTrait, at: Timestamp) -> Result<(), DbErr> {
    let row = ActiveModel { one: Set(1), at: Set(at.as_microsecond()) };
    let on_conflict = OnConflict::column(Column::One).update_column(Column::At).to_owned();
    Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await.map(|_| ())
}
