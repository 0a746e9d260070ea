//! Which sign-in is whose, as it changed: a row for each change, each with a place in the tree. The table `login` is what
//! follows from them, and nothing else may stand there.

use jiff::Timestamp;
use lcr_model::PersonId;
use lcr_store::login::Claim;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryOrder, Set};
use uuid::Uuid;

use super::{
    entry::{Canonical, to_text},
    tree,
};
use crate::domain::{code::RowKey, leaf::LeafKind};

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

fn said(row: &Model) -> Result<String, DbErr> {
    to_text(&("login", row.id, &row.user, row.person, row.version, row.holds))
}

pub async fn canonical(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Canonical>, DbErr> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.map(|row| Ok(Canonical { text: said(&row)?, before: None, code: row.code })).transpose()
}

/// Keeps changes of `login`, each waiting for its place.
pub async fn keep(
    tx: &impl ConnectionTrait,
    key: &RowKey,
    claims: &[Claim],
    now: Timestamp,
) -> Result<(), DbErr> {
    for claim in claims {
        let mut row = Model {
            id: Uuid::now_v7(),
            user: claim.user.clone(),
            person: claim.person.0,
            version: claim.version,
            holds: claim.holds,
            code: None,
        };
        row.code = Some(key.code(&said(&row)?));
        let id = row.id;
        let row = ActiveModel {
            id: Set(row.id),
            user: Set(row.user),
            person: Set(row.person),
            version: Set(row.version),
            holds: Set(row.holds),
            code: Set(row.code),
        };
        Entity::insert(row).exec_without_returning(tx).await?;
        tree::wait(tx, LeafKind::Login, id, now).await?;
    }
    Ok(())
}

/// Every change, oldest first.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Claim>, DbErr> {
    let rows = Entity::find().order_by_asc(Column::Id).all(db).await?;
    Ok(rows.into_iter().map(claim).collect())
}

fn claim(row: Model) -> Claim {
    Claim { user: row.user, person: PersonId(row.person), version: row.version, holds: row.holds }
}
