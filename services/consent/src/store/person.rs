//! People as consent needs them: version, registered practice, marks and identity keys. It must never store demographics.

use std::collections::HashMap;

use lcr_contracts::events::{PersonChanged, PersonMark};
use lcr_model::PersonId;
use lcr_store::StoreError;
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
        /// The keys of all identities, one per line. A new choice covers them.
        pub identities: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Model as PersonRow;
use entity::{ActiveModel, Column, Entity};

pub async fn find_people(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, PersonRow>, StoreError> {
    let ids = people.iter().map(|person| person.0);
    let rows = Entity::find().filter(Column::Person.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person), row)).collect())
}

/// Stores the newest version of each person. Returns the people whose practice, marks or identities changed.
pub async fn store_people(tx: &impl ConnectionTrait, changes: &[PersonChanged]) -> Result<Vec<PersonId>, DbErr> {
    let stored = find_people(tx, &changes.iter().map(|change| change.person).collect::<Vec<_>>()).await?;
    let mut newest: HashMap<PersonId, &PersonChanged> = HashMap::new();
    for change in changes {
        let in_batch = newest.get(&change.person).map_or(i64::MIN, |newest| newest.version);
        let in_store = stored.get(&change.person).map_or(i64::MIN, |row| row.version);
        if change.version > in_batch && change.version > in_store {
            newest.insert(change.person, change);
        }
    }
    let changed = newest.values().filter(|change| {
        let practice = change.practice.as_ref().map(|practice| practice.0.clone());
        stored.get(&change.person).is_some_and(|row| {
            row.practice != practice
                || row.marks != PersonMark::join(&change.marks)
                || row.identities != identity_lines(change)
        })
    });
    let changed = changed.map(|change| change.person).collect();
    let rows: Vec<ActiveModel> = newest.into_values().map(to_row).collect();
    for chunk in rows.chunks(200) {
        let on_conflict = OnConflict::column(Column::Person)
            .update_columns([Column::Version, Column::Practice, Column::Marks, Column::Identities])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(changed)
}

fn to_row(change: &PersonChanged) -> ActiveModel {
    ActiveModel {
        person: Set(change.person.0),
        version: Set(change.version),
        practice: Set(change.practice.as_ref().map(|practice| practice.0.clone())),
        marks: Set(PersonMark::join(&change.marks)),
        identities: Set(identity_lines(change)),
    }
}

/// The keys of all identities, sorted, one per line.
fn identity_lines(change: &PersonChanged) -> String {
    let mut keys: Vec<String> = change.identities.iter().map(identity_key).collect();
    keys.sort_unstable();
    keys.join("\n")
}
