//! The time of each source's last message. It must never go back.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_model::SourceId;
use lcr_store::StoreError;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set, sea_query::OnConflict};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "heard")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        /// Microseconds since the epoch.
        pub last: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

pub async fn load_all(db: &impl ConnectionTrait) -> Result<HashMap<SourceId, Timestamp>, StoreError> {
    let rows = Entity::find().all(db).await?;
    let read = |row: entity::Model| Some((SourceId::new(row.source), Timestamp::from_microsecond(row.last).ok()?));
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Stores the times that are later than the stored ones.
pub async fn save_later(tx: &impl ConnectionTrait, received: &HashMap<SourceId, Timestamp>) -> Result<(), DbErr> {
    if received.is_empty() {
        return Ok(());
    }
    let stored = load_all(tx).await?;
    let later = received.iter().filter(|(source, at)| stored.get(*source).is_none_or(|stored| stored < *at));
    let rows: Vec<ActiveModel> = later
        .map(|(source, at)| ActiveModel { source: Set(source.0.clone()), last: Set(at.as_microsecond()) })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let update = OnConflict::column(Column::Source).update_column(Column::Last).to_owned();
    Entity::insert_many(rows).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}
