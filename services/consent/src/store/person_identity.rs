//! Which people have a source's identity: the identities of `person`, by key, so that a care link finds its people. It must
//! change with `person`, in one transaction.

use std::collections::{BTreeSet, HashMap};

use lcr_model::PersonId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict,
};
use uuid::Uuid;

use super::person::entity as person;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person_identity")]
    pub struct Model {
        /// `identity/<source>|<local id>`
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// People in one step of the repair.
const BATCH_SIZE: u64 = 1000;

/// The people who have any of these identities.
pub async fn find_people(db: &impl ConnectionTrait, keys: &[String]) -> Result<Vec<PersonId>, DbErr> {
    let mut people = BTreeSet::new();
    for chunk in keys.chunks(500) {
        let rows = Entity::find().filter(Column::Key.is_in(chunk.iter().cloned())).all(db).await?;
        people.extend(rows.into_iter().map(|row| PersonId(row.person)));
    }
    Ok(people.into_iter().collect())
}

/// Deletes all rows of these people.
pub async fn delete(tx: &impl ConnectionTrait, people: &[Uuid]) -> Result<(), DbErr> {
    for chunk in people.chunks(500) {
        Entity::delete_many().filter(Column::Person.is_in(chunk.iter().copied())).exec(tx).await?;
    }
    Ok(())
}

/// Adds the identities of people: each with their keys, one per line.
pub async fn insert(tx: &impl ConnectionTrait, people: &[(Uuid, String)]) -> Result<(), DbErr> {
    let keys = people.iter().flat_map(|(person, lines)| lines.lines().map(|key| (key.to_owned(), *person)));
    let rows: Vec<ActiveModel> = keys.map(|(key, person)| ActiveModel { key: Set(key), person: Set(person) }).collect();
    for chunk in rows.chunks(200) {
        let on_conflict = OnConflict::columns([Column::Key, Column::Person]).do_nothing().to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Fills the table from the identities of all people, in batches. For the migration.
pub(super) async fn fill(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut after = Some(Uuid::nil());
    while let Some(person) = after {
        after = repair_batch(db, person).await?;
    }
    Ok(())
}

/// Replaces the rows of people that differ from `person`, for one batch of people after this one. Returns its last person.
pub async fn repair_batch(db: &impl ConnectionTrait, after: Uuid) -> Result<Option<Uuid>, DbErr> {
    let people: Vec<(Uuid, String)> = person::Entity::find()
        .select_only()
        .column(person::Column::Person)
        .column(person::Column::Identities)
        .filter(person::Column::Person.gt(after))
        .order_by_asc(person::Column::Person)
        .limit(BATCH_SIZE)
        .into_tuple()
        .all(db)
        .await?;
    let mut stored: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
    for chunk in people.chunks(500) {
        let ids = chunk.iter().map(|(person, _)| *person);
        for row in Entity::find().filter(Column::Person.is_in(ids)).all(db).await? {
            stored.entry(row.person).or_default().insert(row.key);
        }
    }
    let differs = |(person, lines): &&(Uuid, String)| {
        let keys: BTreeSet<&str> = lines.lines().collect();
        !stored.get(person).into_iter().flatten().map(String::as_str).eq(keys)
    };
    let different: Vec<(Uuid, String)> = people.iter().filter(differs).cloned().collect();
    let ids: Vec<Uuid> = different.iter().map(|(person, _)| *person).collect();
    delete(db, &ids).await?;
    insert(db, &different).await?;
    Ok(people.last().map(|(person, _)| *person))
}
