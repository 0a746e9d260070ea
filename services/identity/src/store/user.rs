//! Users by the keyed hash of (issuer, subject). A leaver's row stays: the log refers to it.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set, entity::prelude::Expr,
};
use uuid::Uuid;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "user")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        #[sea_orm(unique)]
        pub subject_hash: String,
        pub name: String,
        /// A keyed hash of what a proofed sign-in last said of a patient.
        pub proofed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// `hashes` under every key, the newest first: one found under an older is kept under the newest from then on.
pub async fn find_or_make(tx: &impl ConnectionTrait, hashes: &[String], name: &str) -> Result<String, DbErr> {
    let subject_hash = hashes.first().map_or("", String::as_str);
    let known = entity::Entity::find()
        .filter(entity::Column::SubjectHash.is_in(hashes))
        .order_by_asc(entity::Column::Id)
        .all(tx)
        .await?;
    if let Some(user) = known.iter().find(|user| user.subject_hash == subject_hash) {
        return Ok(user.id.clone());
    }
    if let Some(user) = known.into_iter().next() {
        let moved = entity::ActiveModel {
            id: Set(user.id.clone()),
            subject_hash: Set(subject_hash.to_owned()),
            ..Default::default()
        };
        entity::Entity::update(moved).exec(tx).await?;
        return Ok(user.id);
    }
    let id = format!("user-{}", Uuid::now_v7());
    let row = entity::ActiveModel {
        id: Set(id.clone()),
        subject_hash: Set(subject_hash.to_owned()),
        name: Set(name.to_owned()),
        proofed: Set(String::new()),
    };
    entity::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(id)
}

/// Keeps what a proofed sign-in said; whether it said something else before.
pub async fn proofed_anew(tx: &impl ConnectionTrait, id: &str, hash: &str) -> Result<bool, DbErr> {
    let changed = entity::Entity::update_many()
        .col_expr(entity::Column::Proofed, Expr::value(hash))
        .filter(entity::Column::Id.eq(id))
        .filter(entity::Column::Proofed.ne(hash))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected > 0)
}
