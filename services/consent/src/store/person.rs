//! A person as consent needs them: version, registered practice, marks. No demographics.

use std::collections::HashMap;

use lcr_contracts::events::PersonChanged;
use lcr_model::PersonId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use super::choice::identity_key;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
        pub version: i64,
        pub practice: Option<String>,
        pub marks: String,
        /// Keys of every identity, a line each: what a choice made now will cover.
        pub identities: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Model as PersonRow;
use entity::{ActiveModel, Column, Entity};

pub async fn find(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, PersonRow>, DbErr> {
    let ids = people.iter().map(|person| person.0);
    let rows = Entity::find().filter(Column::Person.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person), row)).collect())
}

/// Keeps the newest version of each; returns those whose practice, marks or identities changed.
pub async fn keep(tx: &impl ConnectionTrait, changes: &[PersonChanged]) -> Result<Vec<PersonId>, DbErr> {
    let known = find(tx, &changes.iter().map(|change| change.person).collect::<Vec<_>>()).await?;
    let mut newest: HashMap<PersonId, &PersonChanged> = HashMap::new();
    for change in changes {
        let held = newest.get(&change.person).map_or(i64::MIN, |held| held.version);
        let stored = known.get(&change.person).map_or(i64::MIN, |row| row.version);
        if change.version > held && change.version > stored {
            newest.insert(change.person, change);
        }
    }
    let changed = newest.values().filter(|change| {
        let practice = change.practice.as_ref().map(|practice| practice.0.clone());
        known.get(&change.person).is_some_and(|row| {
            row.practice != practice
                || row.marks != change.marks.join(",")
                || row.identities != identities(change)
        })
    });
    let changed = changed.map(|change| change.person).collect();
    let rows: Vec<ActiveModel> = newest.into_values().map(row).collect();
    for chunk in rows.chunks(200) {
        let newer = OnConflict::column(Column::Person)
            .update_columns([Column::Version, Column::Practice, Column::Marks, Column::Identities])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(newer).exec_without_returning(tx).await?;
    }
    Ok(changed)
}

fn row(change: &PersonChanged) -> ActiveModel {
    ActiveModel {
        person: Set(change.person.0),
        version: Set(change.version),
        practice: Set(change.practice.as_ref().map(|practice| practice.0.clone())),
        marks: Set(change.marks.join(",")),
        identities: Set(identities(change)),
    }
}

/// Every identity's key, a line each, in one order.
fn identities(change: &PersonChanged) -> String {
    let mut keys: Vec<String> = change.identities.iter().map(identity_key).collect();
    keys.sort_unstable();
    keys.join("\n")
}
