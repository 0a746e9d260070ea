//! Reviews in which a steward decided, or has to decide, that two identities are two people.

use std::collections::{BTreeMap, HashMap, HashSet};

use lcr_model::{PersonId, SourceId, SourceIdentity};
use lcr_store::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, entity::prelude::Expr};

use super::{
    OPEN, SEPARATED,
    entity::{Column, Entity, Model as ReviewRow},
};
use crate::domain::link::StoredIdentity;

/// The open reviews of these identities.
pub async fn find_open<'i>(
    db: &impl ConnectionTrait,
    identities: impl Iterator<Item = &'i SourceIdentity>,
) -> Result<Vec<ReviewRow>, StoreError> {
    let mut by_source: BTreeMap<&SourceId, Vec<&str>> = BTreeMap::new();
    for identity in identities {
        by_source.entry(&identity.source).or_default().push(&identity.local_id.0);
    }
    let mut found = Vec::new();
    for (source, ids) in by_source {
        let rows = Entity::find()
            .filter(Column::State.eq(OPEN))
            .filter(Column::Source.eq(source.as_str()))
            .filter(Column::LocalId.is_in(ids));
        found.extend(rows.all(db).await?);
    }
    Ok(found)
}

/// The open reviews of other identities with the number of one of these people.
pub async fn find_open_against(db: &impl ConnectionTrait, people: &[PersonId]) -> Result<Vec<ReviewRow>, StoreError> {
    let holders = people.iter().map(|person| person.0);
    Ok(Entity::find().filter(Column::State.eq(OPEN)).filter(Column::Holder.is_in(holders)).all(db).await?)
}

/// The identities in doubt whose newest review a steward decided as separate.
pub async fn find_separated(
    db: &impl ConnectionTrait,
    stored: &HashMap<SourceIdentity, StoredIdentity>,
) -> Result<HashSet<SourceIdentity>, DbErr> {
    let mut by_source: BTreeMap<&SourceId, Vec<&str>> = BTreeMap::new();
    for (identity, _) in stored.iter().filter(|(_, stored)| stored.number_doubted) {
        by_source.entry(&identity.source).or_default().push(&identity.local_id.0);
    }
    let mut newest: HashMap<SourceIdentity, bool> = HashMap::new();
    for (source, ids) in by_source {
        let rows = Entity::find()
            .filter(Column::Source.eq(source.as_str()))
            .filter(Column::LocalId.is_in(ids))
            .order_by_asc(Column::Id);
        for row in rows.all(db).await? {
            newest.insert(row.identity(), row.state == SEPARATED);
        }
    }
    Ok(newest.into_iter().filter(|(_, apart)| *apart).map(|(identity, _)| identity).collect())
}

/// Makes `survivor` the holder in open reviews of `gone`.
pub async fn move_holder(tx: &impl ConnectionTrait, gone: PersonId, survivor: PersonId) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Holder, Expr::value(survivor.0))
        .filter(Column::Holder.eq(gone.0))
        .filter(Column::State.eq(OPEN))
        .exec(tx)
        .await
        .map(|_| ())
}
