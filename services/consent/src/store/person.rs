//! People as consent needs them: version, registered practice and the one before, marks and identity keys. It must never
//! store demographics.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::events::{PersonChanged, PersonMark};
use lcr_model::PersonId;
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{choice::identity_key, person_identity};
use crate::domain::registration::Registration;

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
        /// The known practice that another one, or none, replaced. The version before knows none of these columns.
        pub former_practice: Option<String>,
        /// The newest version with the former practice.
        pub former_version: Option<i64>,
        /// The oldest version after that one.
        pub practice_left_version: Option<i64>,
        /// The time of its event.
        pub practice_left_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model as PersonRow;
use entity::{ActiveModel, Column, Entity};

impl PersonRow {
    /// The practice before the registered one, and when the person left it.
    pub fn left_practice(&self) -> Option<(&str, Timestamp)> {
        let left_at = Timestamp::from_microsecond(self.practice_left_at?).ok()?;
        Some((self.former_practice.as_deref()?, left_at))
    }
}

pub async fn find_people(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, PersonRow>, StoreError> {
    let ids = people.iter().map(|person| person.0);
    let rows = Entity::find().filter(Column::Person.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person), row)).collect())
}

/// Stores the newest version of each person. `times` are the times of the events. Returns the people whose practices, marks or
/// identities changed.
pub async fn store_people(
    tx: &impl ConnectionTrait,
    changes: &[PersonChanged],
    times: &[Timestamp],
) -> Result<Vec<PersonId>, DbErr> {
    let stored = find_people(tx, &changes.iter().map(|change| change.person).collect::<Vec<_>>()).await?;
    let mut newest = stored.clone();
    for (change, at) in changes.iter().zip(times) {
        let row = after(newest.get(&change.person), change, *at);
        newest.insert(change.person, row);
    }
    newest.retain(|person, row| stored.get(person) != Some(&*row));
    store_identities(tx, &stored, &newest).await?;
    let changed = newest.iter().filter(|(person, row)| {
        let unversioned = |row: &PersonRow| PersonRow { version: 0, ..row.clone() };
        stored.get(*person).is_some_and(|before| unversioned(before) != unversioned(row))
    });
    let changed = changed.map(|(person, _)| *person).collect();
    let rows: Vec<ActiveModel> = newest.into_values().map(|row| ActiveModel::from(row).reset_all()).collect();
    for chunk in rows.chunks(200) {
        let others = Column::iter().filter(|column| !matches!(column, Column::Person));
        let on_conflict = OnConflict::column(Column::Person).update_columns(others).to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(changed)
}

/// The row after one more version, which may be older than the stored one.
fn after(before: Option<&PersonRow>, change: &PersonChanged, at: Timestamp) -> PersonRow {
    let practice = change.practice.as_ref().map(|practice| practice.0.clone());
    let registration = match before {
        None => Registration::first(change.version, practice, at),
        Some(before) => {
            let mut registration = registration_of(before);
            registration.apply(change.version, practice, at);
            registration
        }
    };
    let (marks, identities) = match before {
        Some(before) if before.version >= change.version => (before.marks.clone(), before.identities.clone()),
        _ => (PersonMark::join(&change.marks), identity_lines(change)),
    };
    PersonRow {
        person: change.person.0,
        version: registration.version,
        practice: registration.practice,
        marks,
        identities,
        former_practice: registration.former,
        former_version: registration.former_version,
        practice_left_version: registration.left_version,
        practice_left_at: registration.left_at.map(Timestamp::as_microsecond),
    }
}

fn registration_of(row: &PersonRow) -> Registration {
    Registration {
        version: row.version,
        practice: row.practice.clone(),
        former: row.former_practice.clone(),
        former_version: row.former_version,
        left_version: row.practice_left_version,
        left_at: row.practice_left_at.and_then(|micros| Timestamp::from_microsecond(micros).ok()),
    }
}

/// Replaces the identities of people whose identities changed.
async fn store_identities(
    tx: &impl ConnectionTrait,
    stored: &HashMap<PersonId, PersonRow>,
    newest: &HashMap<PersonId, PersonRow>,
) -> Result<(), DbErr> {
    let before = |person: &PersonId| stored.get(person).map(|row| &row.identities);
    let changed = newest.iter().filter(|(person, row)| before(person) != Some(&row.identities));
    let changed: Vec<(Uuid, String)> = changed.map(|(person, row)| (person.0, row.identities.clone())).collect();
    let known = changed.iter().map(|(person, _)| *person).filter(|person| stored.contains_key(&PersonId(*person)));
    let known: Vec<Uuid> = known.collect();
    person_identity::delete(tx, &known).await?;
    person_identity::insert(tx, &changed).await
}

/// The keys of all identities, sorted, one per line.
fn identity_lines(change: &PersonChanged) -> String {
    let mut keys: Vec<String> = change.identities.iter().map(identity_key).collect();
    keys.sort_unstable();
    keys.join("\n")
}
