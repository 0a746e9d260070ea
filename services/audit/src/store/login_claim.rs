//! Changes of which sign-in belongs to which person: one row per change, each a leaf of the tree. The table `login` must
//! contain exactly what follows from them.

use jiff::Timestamp;
use lcr_model::PersonId;
use lcr_store::login::Claim;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entry::{CanonicalRow, to_text},
    tree,
};
use crate::domain::{leaf::LeafKind, row_code::RowKey};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "login_claim")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user: String,
        pub person: Uuid,
        pub version: i64,
        pub holds: bool,
        pub code: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

fn claim_text(row: &Model) -> Result<String, DbErr> {
    to_text(&("login", row.id, &row.user, row.person, row.version, row.holds))
}

pub async fn find_canonical(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<(Uuid, CanonicalRow)>, DbErr> {
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    let to_canonical = |row: Model| {
        let text = claim_text(&row)?;
        Ok((row.id, CanonicalRow { text, previous_text: None, code: row.code }))
    };
    rows.into_iter().map(to_canonical).collect()
}

/// Appends changes of `login` in this order and queues each for the tree.
pub async fn append(tx: &impl ConnectionTrait, key: &RowKey, claims: &[Claim], now: Timestamp) -> Result<(), DbErr> {
    for chunk in claims.chunks(500) {
        let rows = chunk.iter().map(|claim| to_row(key, claim)).collect::<Result<Vec<Model>, DbErr>>()?;
        let queued: Vec<_> = rows.iter().map(|row| (row.id, now)).collect();
        let rows = rows.into_iter().map(|row| ActiveModel::from(row).reset_all());
        Entity::insert_many(rows).exec_without_returning(tx).await?;
        tree::enqueue(tx, LeafKind::Login, &queued).await?;
    }
    Ok(())
}

fn to_row(key: &RowKey, claim: &Claim) -> Result<Model, DbErr> {
    let mut row = Model {
        id: Uuid::now_v7(),
        user: claim.user.clone(),
        person: claim.person.0,
        version: claim.version,
        holds: claim.holds,
        code: None,
    };
    row.code = Some(key.compute(&claim_text(&row)?));
    Ok(row)
}

/// All changes, oldest first.
pub async fn read_all(db: &impl ConnectionTrait) -> Result<Vec<Claim>, DbErr> {
    let rows = Entity::find().order_by_asc(Column::Id).all(db).await?;
    Ok(rows.into_iter().map(to_claim).collect())
}

fn to_claim(row: Model) -> Claim {
    Claim { user: row.user, person: PersonId(row.person), version: row.version, holds: row.holds }
}
