//! Stays, from which relationships with hospitals follow: a copy of virtual-ward's. The newest version of a stay wins.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use lcr_contracts::events::Stay;
use lcr_model::{OdsCode, PersonId, SourceId, SpellId};
use lcr_store::StoreError;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "stay")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub spell: String,
        pub version: i64,
        pub person: Option<Uuid>,
        pub source: String,
        pub organisation: String,
        pub ward: Option<String>,
        pub from: i64,
        pub until: Option<i64>,
        pub counts: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The stays of each of these people.
pub async fn stays_of(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, Vec<Stay>>, StoreError> {
    let ids = people.iter().map(|person| person.0);
    let mut stays: HashMap<PersonId, Vec<Stay>> = HashMap::new();
    for row in entity::Entity::find().filter(entity::Column::Person.is_in(ids)).all(db).await? {
        if let Some(person) = row.person.map(PersonId) {
            stays.entry(person).or_default().push(to_stay(row)?);
        }
    }
    Ok(stays)
}

fn to_stay(row: entity::Model) -> Result<Stay, DbErr> {
    let time = |micros: i64| Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
    Ok(Stay {
        person: row.person.map(PersonId),
        source: SourceId(row.source),
        organisation: OdsCode(row.organisation),
        ward: row.ward,
        from: time(row.from)?,
        until: row.until.map(time).transpose()?,
        counts: row.counts,
    })
}

/// Stores newer versions. Returns the people whose relationships may have changed.
pub async fn store_stays(tx: &impl ConnectionTrait, stays: &[(SpellId, i64, Stay)]) -> Result<Vec<PersonId>, DbErr> {
    let ids = stays.iter().map(|(spell, ..)| spell.0.clone());
    let rows = entity::Entity::find().filter(entity::Column::Spell.is_in(ids)).all(tx).await?;
    let mut stored: HashMap<String, entity::Model> = rows.into_iter().map(|row| (row.spell.clone(), row)).collect();
    // The newest row of each stay that a statement writes.
    let mut written: BTreeMap<&SpellId, entity::Model> = BTreeMap::new();
    let mut changed = Vec::new();
    for (spell, version, stay) in stays {
        let previous = stored.get(&spell.0);
        if previous.is_some_and(|row| row.version >= *version) {
            continue;
        }
        changed.extend(previous.and_then(|row| row.person).map(PersonId));
        changed.extend(stay.person);
        let row = to_row(spell, *version, stay);
        written.insert(spell, row.clone());
        stored.insert(spell.0.clone(), row);
    }
    upsert(tx, written.into_values()).await?;
    Ok(changed)
}

fn to_row(spell: &SpellId, version: i64, stay: &Stay) -> entity::Model {
    entity::Model {
        spell: spell.0.clone(),
        version,
        person: stay.person.map(|person| person.0),
        source: stay.source.0.clone(),
        organisation: stay.organisation.0.clone(),
        ward: stay.ward.clone(),
        from: stay.from.as_microsecond(),
        until: stay.until.map(Timestamp::as_microsecond),
        counts: stay.counts,
    }
}

async fn upsert(tx: &impl ConnectionTrait, rows: impl Iterator<Item = entity::Model>) -> Result<(), DbErr> {
    use sea_orm::Iterable;
    let rows: Vec<entity::ActiveModel> = rows.map(|row| entity::ActiveModel::from(row).reset_all()).collect();
    for chunk in rows.chunks(200) {
        let others = entity::Column::iter().filter(|column| !matches!(column, entity::Column::Spell));
        let on_conflict = OnConflict::column(entity::Column::Spell).update_columns(others).to_owned();
        entity::Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "stay_tests.rs"]
mod tests;
