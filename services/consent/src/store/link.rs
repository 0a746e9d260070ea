//! A copy that relationships come from: stays, the ward's. The newest version wins; rebuilt by replaying.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::events::Stay;
use lcr_model::{OdsCode, PersonId, SourceId, SpellId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict,
};

pub mod stay {
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

/// The stays of these people.
pub async fn stays_of(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, Vec<Stay>>, DbErr> {
    let ids = people.iter().map(|person| person.0);
    let mut stays: HashMap<PersonId, Vec<Stay>> = HashMap::new();
    for row in stay::Entity::find().filter(stay::Column::Person.is_in(ids)).all(db).await? {
        if let Some(person) = row.person.map(PersonId) {
            stays.entry(person).or_default().push(read(row)?);
        }
    }
    Ok(stays)
}

fn read(row: stay::Model) -> Result<Stay, DbErr> {
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

/// Keeps newer versions; returns the people whose links may have changed.
pub async fn keep_stays(
    tx: &impl ConnectionTrait,
    stays: &[(SpellId, i64, Stay)],
) -> Result<Vec<PersonId>, DbErr> {
    let ids = stays.iter().map(|(spell, ..)| spell.0.clone());
    let held = stay::Entity::find().filter(stay::Column::Spell.is_in(ids)).all(tx).await?;
    let mut held: HashMap<String, stay::Model> =
        held.into_iter().map(|row| (row.spell.clone(), row)).collect();
    let mut changed = Vec::new();
    for (spell, version, said) in stays {
        let before = held.get(&spell.0);
        if before.is_some_and(|row| row.version >= *version) {
            continue;
        }
        changed.extend(before.and_then(|row| row.person).map(PersonId));
        changed.extend(said.person);
        let row = model(spell, *version, said);
        put(tx, row.clone()).await?;
        held.insert(spell.0.clone(), row);
    }
    Ok(changed)
}

fn model(spell: &SpellId, version: i64, said: &Stay) -> stay::Model {
    stay::Model {
        spell: spell.0.clone(),
        version,
        person: said.person.map(|person| person.0),
        source: said.source.0.clone(),
        organisation: said.organisation.0.clone(),
        ward: said.ward.clone(),
        from: said.from.as_microsecond(),
        until: said.until.map(Timestamp::as_microsecond),
        counts: said.counts,
    }
}

async fn put(tx: &impl ConnectionTrait, row: stay::Model) -> Result<(), DbErr> {
    use sea_orm::Iterable;
    let row: stay::ActiveModel = row.into();
    let others = stay::Column::iter().filter(|column| !matches!(column, stay::Column::Spell));
    let newer = OnConflict::column(stay::Column::Spell).update_columns(others).to_owned();
    stay::Entity::insert(row.reset_all()).on_conflict(newer).exec_without_returning(tx).await.map(|_| ())
}
