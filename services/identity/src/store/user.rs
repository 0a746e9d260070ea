//! Users, found by the keyed hash of (issuer, subject). A row must never be deleted, because audit entries refer to it.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set, entity::prelude::Expr};
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
        /// A keyed hash of the patient data in the last verified sign-in.
        pub proofed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The id of a known user. `hashes` has one hash per key.
pub async fn find(db: &impl ConnectionTrait, hashes: &[String]) -> Result<Option<String>, DbErr> {
    let known = entity::Entity::find().filter(entity::Column::SubjectHash.is_in(hashes)).one(db).await?;
    Ok(known.map(|user| user.id))
}

/// The user's id. `hashes` has one hash per key, the newest key first. A user found by an older key moves to the newest.
pub async fn find_or_insert(tx: &impl ConnectionTrait, hashes: &[String], name: &str) -> Result<String, DbErr> {
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

/// Stores the hash of a verified sign-in. Returns whether it changed.
pub async fn record_verified_patient(tx: &impl ConnectionTrait, id: &str, hash: &str) -> Result<bool, DbErr> {
    let changed = entity::Entity::update_many()
        .col_expr(entity::Column::Proofed, Expr::value(hash))
        .filter(entity::Column::Id.eq(id))
        .filter(entity::Column::Proofed.ne(hash))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected > 0)
}
