//! The stays: the folded state sealed, and beside it what lists are found by. Ward and consultant are the
//! hospital's own, tell of no patient and stand in the clear.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use lcr_contracts::ward::ListOf;
use lcr_model::{OdsCode, PersonId, SourceId, SourceIdentity, SpellId, seal::DataKeys};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{CHUNK, person::entity as person};
use crate::domain::{Spell, place, shelf};

mod form;

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
        /// On a list while it lasts, and for 28 days afterwards.
        pub listed: bool,
        /// Microseconds since the epoch, as all times here.
        pub admitted_at: Option<i64>,
        pub left_at: Option<i64>,
        pub ward: Option<String>,
        pub consultant: Option<String>,
        pub consultant_name: Option<String>,
        pub version: i64,
        pub changed_at: i64,
        /// The visit whose messages it is folded from; rows of before that column are their own.
        pub visit: Option<String>,
        /// When the hospital last said anything about it.
        pub last_told: Option<i64>,
        /// `version` as this code wrote it last. The version before writes `version` alone: what it wrote is folded again.
        pub folded: Option<i64>,
        /// A `Spell`.
        pub sealed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model as SpellRow;
use entity::{ActiveModel, Column, Entity};

/// A stay as held.
#[derive(Clone, Debug)]
pub struct Kept {
    pub id: SpellId,
    /// The visit whose messages it is folded from.
    pub visit: SpellId,
    pub version: i64,
    pub source: SourceId,
    pub person: Option<PersonId>,
    pub organisation: OdsCode,
    pub spell: Spell,
}

fn lives_at(id: &str) -> String {
    format!("virtual-ward/spell/{id}")
}

fn opened(keys: &DataKeys, row: SpellRow) -> Option<Kept> {
    let place = lives_at(&row.spell);
    let spell = form::read(super::open(keys, &place, &place, &row.sealed)?)?;
    Some(Kept {
        visit: SpellId::new(row.visit.unwrap_or_else(|| row.spell.clone())),
        id: SpellId::new(row.spell),
        version: row.version,
        source: SourceId::new(row.source),
        person: row.person.map(PersonId),
        organisation: OdsCode::new(row.organisation),
        spell,
    })
}

/// These stays, as far as they are held.
pub async fn find(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    ids: &[SpellId],
) -> Result<HashMap<SpellId, Kept>, DbErr> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows = Entity::find().filter(Column::Spell.is_in(chunk.iter().map(SpellId::as_str)));
        let rows = rows.all(db).await?.into_iter().filter_map(|row| opened(keys, row));
        found.extend(rows.map(|kept| (kept.id.clone(), kept)));
    }
    Ok(found)
}

/// The stays of these visits.
pub async fn of_visits(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    visits: &BTreeSet<SpellId>,
) -> Result<Vec<Kept>, DbErr> {
    let ids: Vec<&str> = visits.iter().map(SpellId::as_str).collect();
    let mut found = vec![];
    for chunk in ids.chunks(CHUNK) {
        // Rows of before there was a column for it are visits of their own.
        let own =
            Condition::all().add(Column::Visit.is_null()).add(Column::Spell.is_in(chunk.iter().copied()));
        let named = Condition::any().add(Column::Visit.is_in(chunk.iter().copied())).add(own);
        let rows = Entity::find().filter(named).all(db).await?;
        found.extend(rows.into_iter().filter_map(|row| opened(keys, row)));
    }
    Ok(found)
}

/// Visits with a stay under any of these identities.
pub async fn under(
    db: &impl ConnectionTrait,
    identities: &BTreeSet<SourceIdentity>,
) -> Result<BTreeSet<SpellId>, DbErr> {
    let mut by_source: HashMap<&SourceId, Vec<&str>> = HashMap::new();
    for one in identities {
        by_source.entry(&one.source).or_default().push(&one.local_id.0);
    }
    let mut found = BTreeSet::new();
    for (source, ids) in by_source {
        for chunk in ids.chunks(CHUNK) {
            let rows = Entity::find()
                .filter(Column::Source.eq(source.as_str()))
                .filter(Column::LocalId.is_in(chunk.iter().copied()));
            found.extend(visits(db, rows).await?);
        }
    }
    Ok(found)
}

/// Visits of a source with stays that were published under another organisation than the registry's.
pub async fn misplaced(
    db: &impl ConnectionTrait,
    source: &SourceId,
    organisation: &OdsCode,
) -> Result<Vec<SpellId>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Source.eq(source.as_str()))
        .filter(Column::Organisation.ne(organisation.as_str()));
    visits(db, rows).await
}

async fn visits(db: &impl ConnectionTrait, rows: Select<Entity>) -> Result<Vec<SpellId>, DbErr> {
    let rows = rows.select_only().columns([Column::Spell, Column::Visit]);
    let rows: Vec<(String, Option<String>)> = rows.into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(spell, visit)| SpellId(visit.unwrap_or(spell))).collect())
}

/// Some stays that the version before wrote, and their visits: it knows neither visits nor `folded`.
pub async fn of_before(db: &impl ConnectionTrait) -> Result<(BTreeSet<SpellId>, BTreeSet<SpellId>), DbErr> {
    let other = Expr::col(Column::Folded).ne(Expr::col(Column::Version));
    let rows = Entity::find()
        .filter(Condition::any().add(Column::Folded.is_null()).add(other))
        .limit(u64::try_from(CHUNK).unwrap_or(u64::MAX));
    let rows = rows.select_only().columns([Column::Spell, Column::Visit]);
    let rows: Vec<(String, Option<String>)> = rows.into_tuple().all(db).await?;
    let visits = rows.iter().map(|(spell, visit)| SpellId(visit.as_ref().unwrap_or(spell).clone())).collect();
    Ok((rows.into_iter().map(|(spell, _)| SpellId(spell)).collect(), visits))
}

/// Those of them that are still there are as they should be; one without a visit is a visit of its own.
pub async fn are_folded(tx: &impl ConnectionTrait, ids: &BTreeSet<SpellId>) -> Result<(), DbErr> {
    let ids: Vec<&str> = ids.iter().map(SpellId::as_str).collect();
    let own = Entity::update_many()
        .col_expr(Column::Visit, Expr::col(Column::Spell))
        .filter(Column::Visit.is_null())
        .filter(Column::Spell.is_in(ids.iter().copied()));
    own.exec(tx).await?;
    let folded = Entity::update_many()
        .col_expr(Column::Folded, Expr::col(Column::Version))
        .filter(Column::Spell.is_in(ids));
    folded.exec(tx).await.map(|_| ())
}

/// Deletes stays that their visit's messages do not make any more.
pub async fn delete(tx: &impl ConnectionTrait, ids: &[SpellId]) -> Result<(), DbErr> {
    for chunk in ids.chunks(CHUNK) {
        let gone = Entity::delete_many().filter(Column::Spell.is_in(chunk.iter().map(SpellId::as_str)));
        gone.exec(tx).await?;
    }
    Ok(())
}

/// Writes these stays as they are now.
pub async fn keep(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    now: Timestamp,
    stays: &[Kept],
) -> Result<(), DbErr> {
    let rows = stays.iter().map(|kept| active(keys, now, kept)).collect::<Result<Vec<_>, _>>()?;
    for chunk in rows.chunks(CHUNK) {
        use sea_orm::Iterable;
        let all = Column::iter().filter(|column| !matches!(column, Column::Spell));
        let update = OnConflict::column(Column::Spell).update_columns(all).to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn active(keys: &DataKeys, now: Timestamp, kept: &Kept) -> Result<ActiveModel, DbErr> {
    let spell = &kept.spell;
    let consultant = spell.consultant.as_ref().map(|cell| &cell.value);
    let local = spell.identity.as_ref().map(|identity| identity.local_id.0.clone());
    let place = lives_at(&kept.id.0);
    Ok(ActiveModel {
        spell: Set(kept.id.0.clone()),
        source: Set(kept.source.0.clone()),
        local_id: Set(local.unwrap_or_default()),
        person: Set(kept.person.map(|person| person.0)),
        organisation: Set(kept.organisation.0.clone()),
        listed: Set(shelf::listed(spell, false).is_some()),
        admitted_at: Set(spell.came().map(|came| came.value.at.as_microsecond())),
        left_at: Set(spell.gone_from().map(Timestamp::as_microsecond)),
        ward: Set(spell.place().and_then(|held| held.place.ward.as_deref()).map(place::key)),
        consultant: Set(consultant.and_then(|named| named.code.as_deref()).map(place::key)),
        consultant_name: Set(consultant.map(|named| place::key(&named.name))),
        version: Set(kept.version),
        changed_at: Set(now.as_microsecond()),
        visit: Set(Some(kept.visit.0.clone())),
        last_told: Set(spell.last_told.map(Timestamp::as_microsecond)),
        folded: Set(Some(kept.version)),
        sealed: Set(super::seal(keys, &place, &place, &form::written(spell)?)?),
    })
}

/// Which stays a list is made of, before anybody decides.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Practices whose people; empty for a ward's or consultant's list.
    pub practices: Vec<OdsCode>,
    pub of: ListOf,
    /// Patients that the reader watches, for a list of them.
    pub watched: BTreeSet<PersonId>,
    /// Sources whose stays may be listed at all.
    pub sources: Vec<SourceId>,
    pub when: When,
}

#[derive(Debug, Clone, Copy)]
pub enum When {
    /// Not left by then.
    InHospital(Timestamp),
    /// Left from the first to the second.
    Left(Timestamp, Timestamp),
}

fn when(when: When) -> Condition {
    match when {
        When::InHospital(now) => {
            Condition::any().add(Column::LeftAt.is_null()).add(Column::LeftAt.gt(now.as_microsecond()))
        }
        When::Left(from, until) => Condition::all()
            .add(Column::LeftAt.gte(from.as_microsecond()))
            .add(Column::LeftAt.lte(until.as_microsecond())),
    }
}

fn of(wanted: &Wanted) -> Condition {
    match &wanted.of {
        ListOf::Practice(_) | ListOf::Team(_) => {
            let practices = wanted.practices.iter().map(OdsCode::as_str);
            let people = person::Entity::find()
                .select_only()
                .column(person::Column::Person)
                .filter(person::Column::Practice.is_in(practices));
            Condition::all().add(Column::Person.in_subquery(people.into_query()))
        }
        ListOf::Watched => {
            Condition::all().add(Column::Person.is_in(wanted.watched.iter().map(|person| person.0)))
        }
        ListOf::Ward(ward) => Condition::all().add(Column::Ward.eq(place::key(ward))),
        ListOf::Consultant(name) => Condition::any()
            .add(Column::Consultant.eq(place::key(name)))
            .add(Column::ConsultantName.eq(place::key(name))),
    }
}

/// The candidates of a list, at most `most`. Stays of nobody known are no one's to decide on.
pub async fn candidates(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    wanted: &Wanted,
    most: u64,
) -> Result<Vec<Kept>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Listed.eq(true))
        .filter(Column::Person.is_not_null())
        .filter(Column::Source.is_in(wanted.sources.iter().map(SourceId::as_str)))
        .filter(when(wanted.when))
        .filter(of(wanted))
        .order_by_asc(Column::Spell)
        .limit(most);
    Ok(rows.all(db).await?.into_iter().filter_map(|row| opened(keys, row)).collect())
}

/// All listed stays of these people at these sources.
pub async fn of_people(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    people: &[PersonId],
    sources: &[SourceId],
) -> Result<Vec<Kept>, DbErr> {
    let mut found = vec![];
    for chunk in people.chunks(CHUNK) {
        let rows = Entity::find()
            .filter(Column::Listed.eq(true))
            .filter(Column::Person.is_in(chunk.iter().map(|person| person.0)))
            .filter(Column::Source.is_in(sources.iter().map(SourceId::as_str)));
        found.extend(rows.all(db).await?.into_iter().filter_map(|row| opened(keys, row)));
    }
    Ok(found)
}

/// All listed stays in hospital at these sources.
pub async fn open(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    sources: &[SourceId],
    now: Timestamp,
) -> Result<Vec<Kept>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Listed.eq(true))
        .filter(Column::Source.is_in(sources.iter().map(SourceId::as_str)))
        .filter(when(When::InHospital(now)));
    Ok(rows.all(db).await?.into_iter().filter_map(|row| opened(keys, row)).collect())
}

/// Who of these people has more than one open stay at one source.
pub async fn open_twice(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    now: Timestamp,
) -> Result<HashSet<(PersonId, SourceId)>, DbErr> {
    let mut found = HashSet::new();
    for chunk in people.chunks(CHUNK) {
        let rows = Entity::find()
            .select_only()
            .columns([Column::Person, Column::Source])
            .filter(Column::Listed.eq(true))
            .filter(Column::Person.is_in(chunk.iter().map(|person| person.0)))
            .filter(when(When::InHospital(now)))
            .group_by(Column::Person)
            .group_by(Column::Source)
            .having(Expr::col(Column::Spell).count().gt(1));
        let rows: Vec<(uuid::Uuid, String)> = rows.into_tuple().all(db).await?;
        found.extend(rows.into_iter().map(|(person, source)| (PersonId(person), SourceId(source))));
    }
    Ok(found)
}

/// How many stays in hospital, begun since `since` at `sources`, are of nobody known.
pub async fn unmatched(
    db: &impl ConnectionTrait,
    sources: &[SourceId],
    since: Timestamp,
    now: Timestamp,
) -> Result<u32, DbErr> {
    let rows = Entity::find()
        .filter(Column::Listed.eq(true))
        .filter(Column::Person.is_null())
        .filter(Column::Source.is_in(sources.iter().map(SourceId::as_str)))
        .filter(Column::AdmittedAt.gte(since.as_microsecond()))
        .filter(when(When::InHospital(now)));
    Ok(u32::try_from(rows.count(db).await?).unwrap_or(u32::MAX))
}
