//! Stays: the folded state, sealed, and the columns that lists are found by. A column in the clear must never identify a
//! patient; ward and consultant do not.

use std::collections::{BTreeSet, HashMap};

pub use entity::Model as SpellRow;
use entity::{ActiveModel, Column, Entity};
use jiff::Timestamp;
use lcr_model::{OdsCode, PersonId, SourceId, SpellId, seal::DataKeys};
use lcr_store::StoreError;
pub use list_queries::{
    CandidateQuery, ListPeriod, count_unmatched, find_attending, find_by_people, find_candidates, find_in_hospital,
    find_newest_in_hospital, find_people_with_two_open_stays, find_wards,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};
pub use visits::{find_by_visits, visits_of_identities, visits_of_other_organisations};

use super::MAX_ROWS_PER_STATEMENT;
use crate::domain::{Spell, list_category, place};

mod list_queries;
mod row_format;
mod visits;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "spell")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub spell: String,
        pub source: String,
        pub local_id: String,
        pub person: Option<Uuid>,
        /// The hospital's organisation, as last published.
        pub organisation: String,
        /// The stay has a list category. It stays `true` after the 28-day window: queries compare `left_at`.
        pub listed: bool,
        /// In microseconds since the epoch.
        pub admitted_at: Option<i64>,
        /// From when the patient counts as gone, in microseconds.
        pub left_at: Option<i64>,
        pub ward: Option<String>,
        pub consultant: Option<String>,
        pub consultant_name: Option<String>,
        pub version: i64,
        pub changed_at: i64,
        /// The visit it is folded from. Rows older than this column have none and are visits of their own.
        pub visit: Option<String>,
        /// The message time of the newest message, in microseconds.
        #[sea_orm(column_name = "last_told")]
        pub last_message_at: Option<i64>,
        /// The `version` that this code wrote last. The previous version does not set it, so its rows are found and refolded.
        pub folded: Option<i64>,
        /// A `Spell`.
        pub sealed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// A stay as stored.
#[derive(Clone, Debug)]
pub struct StoredStay {
    pub id: SpellId,
    /// The visit it is folded from.
    pub visit: SpellId,
    pub version: i64,
    pub source: SourceId,
    pub person: Option<PersonId>,
    pub organisation: OdsCode,
    pub spell: Spell,
}

fn seal_context(id: &str) -> String {
    format!("virtual-ward/spell/{id}")
}

fn open_row(keys: &DataKeys, row: SpellRow) -> Option<StoredStay> {
    let context = seal_context(&row.spell);
    let spell = row_format::from_json(super::open(keys, &context, &context, &row.sealed)?)?;
    Some(StoredStay {
        visit: SpellId::new(row.visit.unwrap_or_else(|| row.spell.clone())),
        id: SpellId::new(row.spell),
        version: row.version,
        source: SourceId::new(row.source),
        person: row.person.map(PersonId),
        organisation: OdsCode::new(row.organisation),
        spell,
    })
}

pub async fn find_by_ids(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    ids: &[SpellId],
) -> Result<HashMap<SpellId, StoredStay>, StoreError> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        let rows = Entity::find().filter(Column::Spell.is_in(chunk.iter().map(SpellId::as_str)));
        let rows = rows.all(db).await?.into_iter().filter_map(|row| open_row(keys, row));
        found.extend(rows.map(|stay| (stay.id.clone(), stay)));
    }
    Ok(found)
}

/// Some stays that the previous version wrote, and their visits.
pub async fn find_old_stays(db: &impl ConnectionTrait) -> Result<(BTreeSet<SpellId>, BTreeSet<SpellId>), DbErr> {
    let other = Expr::col(Column::Folded).ne(Expr::col(Column::Version));
    let rows = Entity::find()
        .filter(Condition::any().add(Column::Folded.is_null()).add(other))
        .limit(u64::try_from(MAX_ROWS_PER_STATEMENT).unwrap_or(u64::MAX));
    let rows = rows.select_only().columns([Column::Spell, Column::Visit]);
    let rows: Vec<(String, Option<String>)> = rows.into_tuple().all(db).await?;
    let visits = rows.iter().map(|(spell, visit)| SpellId(visit.as_ref().unwrap_or(spell).clone())).collect();
    Ok((rows.into_iter().map(|(spell, _)| SpellId(spell)).collect(), visits))
}

/// Marks stays as refolded. A row without a visit becomes a visit of its own.
pub async fn mark_refolded(tx: &impl ConnectionTrait, ids: &BTreeSet<SpellId>) -> Result<(), DbErr> {
    let ids: Vec<&str> = ids.iter().map(SpellId::as_str).collect();
    let own = Entity::update_many()
        .col_expr(Column::Visit, Expr::col(Column::Spell))
        .filter(Column::Visit.is_null())
        .filter(Column::Spell.is_in(ids.iter().copied()));
    own.exec(tx).await?;
    let folded =
        Entity::update_many().col_expr(Column::Folded, Expr::col(Column::Version)).filter(Column::Spell.is_in(ids));
    folded.exec(tx).await.map(|_| ())
}

/// Deletes stays that the messages of their visit no longer give.
pub async fn delete(tx: &impl ConnectionTrait, ids: &[SpellId]) -> Result<(), DbErr> {
    for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        let delete = Entity::delete_many().filter(Column::Spell.is_in(chunk.iter().map(SpellId::as_str)));
        delete.exec(tx).await?;
    }
    Ok(())
}

pub async fn save(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    now: Timestamp,
    stays: &[StoredStay],
) -> Result<(), DbErr> {
    let rows = stays.iter().map(|stay| to_row(keys, now, stay)).collect::<Result<Vec<_>, _>>()?;
    for chunk in rows.chunks(MAX_ROWS_PER_STATEMENT) {
        use sea_orm::Iterable;
        let all = Column::iter().filter(|column| !matches!(column, Column::Spell));
        let update = OnConflict::column(Column::Spell).update_columns(all).to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn to_row(keys: &DataKeys, now: Timestamp, stay: &StoredStay) -> Result<ActiveModel, DbErr> {
    let spell = &stay.spell;
    let consultant = spell.consultant.as_ref().map(|cell| &cell.value);
    let local = spell.identity.as_ref().map(|identity| identity.local_id.0.clone());
    let context = seal_context(&stay.id.0);
    Ok(ActiveModel {
        spell: Set(stay.id.0.clone()),
        source: Set(stay.source.0.clone()),
        local_id: Set(local.unwrap_or_default()),
        person: Set(stay.person.map(|person| person.0)),
        organisation: Set(stay.organisation.0.clone()),
        listed: Set(list_category::categorise(spell, false).is_some()),
        admitted_at: Set(spell.arrival().map(|arrival| arrival.value.at.as_microsecond())),
        left_at: Set(spell.departure_time().map(Timestamp::as_microsecond)),
        ward: Set(spell.latest_place().and_then(|period| period.place.ward.as_deref()).map(place::lookup_key)),
        consultant: Set(consultant.and_then(|named| named.code.as_deref()).map(place::lookup_key)),
        consultant_name: Set(consultant.map(|named| place::lookup_key(&named.name))),
        version: Set(stay.version),
        changed_at: Set(now.as_microsecond()),
        visit: Set(Some(stay.visit.0.clone())),
        last_message_at: Set(spell.last_message_at.map(Timestamp::as_microsecond)),
        folded: Set(Some(stay.version)),
        sealed: Set(super::seal(keys, &context, &context, &row_format::to_json(spell)?)?),
    })
}
