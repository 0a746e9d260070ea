//! Finds the visits of stays, by number, identity or organisation. It must never decide which of them are on a list.

use std::collections::{BTreeSet, HashMap};

use lcr_model::{OdsCode, SourceId, SourceIdentity, SpellId, seal::DataKeys};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Select};

use super::{
    super::MAX_ROWS_PER_STATEMENT,
    StoredStay,
    entity::{Column, Entity},
    open_row,
};

pub async fn find_by_visits(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    visits: &BTreeSet<SpellId>,
) -> Result<Vec<StoredStay>, DbErr> {
    let ids: Vec<&str> = visits.iter().map(SpellId::as_str).collect();
    let mut found = vec![];
    for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        // Rows older than the visit column are visits of their own.
        let own = Condition::all().add(Column::Visit.is_null()).add(Column::Spell.is_in(chunk.iter().copied()));
        let named = Condition::any().add(Column::Visit.is_in(chunk.iter().copied())).add(own);
        let rows = Entity::find().filter(named).all(db).await?;
        found.extend(rows.into_iter().filter_map(|row| open_row(keys, row)));
    }
    Ok(found)
}

/// Visits with a stay of any of these identities.
pub async fn visits_of_identities(
    db: &impl ConnectionTrait,
    identities: &BTreeSet<SourceIdentity>,
) -> Result<BTreeSet<SpellId>, DbErr> {
    let mut by_source: HashMap<&SourceId, Vec<&str>> = HashMap::new();
    for one in identities {
        by_source.entry(&one.source).or_default().push(&one.local_id.0);
    }
    let mut found = BTreeSet::new();
    for (source, ids) in by_source {
        for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
            let rows = Entity::find()
                .filter(Column::Source.eq(source.as_str()))
                .filter(Column::LocalId.is_in(chunk.iter().copied()));
            found.extend(select_visits(db, rows).await?);
        }
    }
    Ok(found)
}

/// Visits of a source with stays that were published under another organisation.
pub async fn visits_of_other_organisations(
    db: &impl ConnectionTrait,
    source: &SourceId,
    organisation: &OdsCode,
) -> Result<Vec<SpellId>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Source.eq(source.as_str()))
        .filter(Column::Organisation.ne(organisation.as_str()));
    select_visits(db, rows).await
}

async fn select_visits(db: &impl ConnectionTrait, rows: Select<Entity>) -> Result<Vec<SpellId>, DbErr> {
    let rows = rows.select_only().columns([Column::Spell, Column::Visit]);
    let rows: Vec<(String, Option<String>)> = rows.into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(spell, visit)| SpellId(visit.unwrap_or(spell))).collect())
}
