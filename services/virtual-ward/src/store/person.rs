//! The index's people: version, practice, marks, identities. It must never hold demographics.
//!
//! Events about two people may arrive in any order, so two people may claim one identity for a moment. Such an identity
//! has no owner until one of them gives it up.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lcr_contracts::events::{PersonChanged, PersonMark};
use lcr_model::{LocalId, OdsCode, PersonId, SourceId, SourceIdentity};
use lcr_store::StoreError;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use super::MAX_ROWS_PER_STATEMENT;

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
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod identity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub local_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model as PersonRow;

impl PersonRow {
    pub fn has_mark(&self, mark: &PersonMark) -> bool {
        mark.is_in(&self.marks)
    }
}

/// The people and identities that a batch changed.
#[derive(Debug, Default)]
pub struct PeopleChanges {
    pub people: BTreeSet<PersonId>,
    /// Identities that a person gained or lost.
    pub identities: BTreeSet<SourceIdentity>,
}

pub async fn find_by_ids(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, PersonRow>, StoreError> {
    let mut found = HashMap::new();
    for chunk in people.chunks(MAX_ROWS_PER_STATEMENT) {
        let ids = chunk.iter().map(|person| person.0);
        let rows = entity::Entity::find().filter(entity::Column::Person.is_in(ids)).all(db).await?;
        found.extend(rows.into_iter().map(|row| (PersonId(row.person), row)));
    }
    Ok(found)
}

/// All identities of these people.
pub async fn find_identities(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, BTreeSet<SourceIdentity>>, StoreError> {
    let mut found: BTreeMap<PersonId, BTreeSet<SourceIdentity>> = BTreeMap::new();
    for chunk in people.chunks(MAX_ROWS_PER_STATEMENT) {
        let ids = chunk.iter().map(|person| person.0);
        for row in identity::Entity::find().filter(identity::Column::Person.is_in(ids)).all(db).await? {
            found.entry(PersonId(row.person)).or_default().insert(to_identity(row.source, row.local_id));
        }
    }
    Ok(found)
}

/// The owners of these identities. An identity claimed by nobody or by two people is left out.
pub async fn find_owners(
    db: &impl ConnectionTrait,
    identities: impl IntoIterator<Item = &SourceIdentity>,
) -> Result<HashMap<SourceIdentity, PersonId>, StoreError> {
    let mut by_source: HashMap<&SourceId, BTreeSet<&str>> = HashMap::new();
    for one in identities {
        by_source.entry(&one.source).or_default().insert(&one.local_id.0);
    }
    let mut claims: HashMap<SourceIdentity, Vec<PersonId>> = HashMap::new();
    for (source, ids) in by_source {
        let ids: Vec<&str> = ids.into_iter().collect();
        for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
            let found = identity::Entity::find()
                .filter(identity::Column::Source.eq(source.as_str()))
                .filter(identity::Column::LocalId.is_in(chunk.iter().copied()));
            for row in found.all(db).await? {
                claims.entry(to_identity(row.source, row.local_id)).or_default().push(PersonId(row.person));
            }
        }
    }
    let sure = |(identity, people): (SourceIdentity, Vec<PersonId>)| match people.as_slice() {
        [person] => Some((identity, *person)),
        _ => None,
    };
    Ok(claims.into_iter().filter_map(sure).collect())
}

fn to_identity(source: String, local_id: String) -> SourceIdentity {
    SourceIdentity { source: SourceId(source), local_id: LocalId(local_id) }
}

/// Stores the newest version of each person.
pub async fn save_newest(tx: &impl ConnectionTrait, changes: Vec<PersonChanged>) -> Result<PeopleChanges, DbErr> {
    let ids: Vec<PersonId> = changes.iter().map(|change| change.person).collect();
    let known = find_by_ids(tx, &ids).await?;
    let mut newest: HashMap<PersonId, PersonChanged> = HashMap::new();
    for change in changes {
        let version = newest.get(&change.person).map(|newer| newer.version);
        let version = version.or(known.get(&change.person).map(|row| row.version));
        if version.is_none_or(|version| version < change.version) {
            newest.insert(change.person, change);
        }
    }
    // New people have no identities to compare with. Skip them, or loading a city takes one query each.
    let before: Vec<PersonId> = newest.keys().filter(|person| known.contains_key(person)).copied().collect();
    let before = find_identities(tx, &before).await?;
    let none = BTreeSet::new();
    let (mut changes, mut claimed, mut given_up) = (PeopleChanges::default(), vec![], vec![]);
    for change in newest.values() {
        let before = before.get(&change.person).unwrap_or(&none);
        let now: HashSet<&SourceIdentity> = change.identities.iter().collect();
        let lost: Vec<&SourceIdentity> = before.iter().filter(|one| !now.contains(one)).collect();
        let gained: Vec<&SourceIdentity> = now.into_iter().filter(|one| !before.contains(one)).collect();
        let row = known.get(&change.person);
        if !lost.is_empty() || !gained.is_empty() || row.is_none_or(|row| is_changed(row, change)) {
            changes.people.insert(change.person);
        }
        given_up.extend(lost.iter().map(|one| claim_condition(one, change.person)));
        claimed.extend(gained.iter().map(|one| claim(one, change.person)));
        changes.identities.extend(lost.into_iter().chain(gained).cloned());
    }
    for chunk in given_up.chunks(MAX_CLAIMS_PER_CONDITION) {
        let any = chunk.iter().cloned().fold(Condition::any(), Condition::add);
        identity::Entity::delete_many().filter(any).exec(tx).await?;
    }
    write(tx, claimed, newest.values().map(to_row).collect()).await?;
    Ok(changes)
}

fn is_changed(row: &PersonRow, change: &PersonChanged) -> bool {
    let practice = change.practice.as_ref().map(OdsCode::as_str);
    row.practice.as_deref() != practice || row.marks != PersonMark::join(&change.marks)
}

/// The most claims that one statement deletes: each is a condition of its own.
const MAX_CLAIMS_PER_CONDITION: usize = 100;

fn claim_condition(one: &SourceIdentity, person: PersonId) -> Condition {
    Condition::all()
        .add(identity::Column::Source.eq(one.source.as_str()))
        .add(identity::Column::LocalId.eq(one.local_id.0.as_str()))
        .add(identity::Column::Person.eq(person.0))
}

fn claim(one: &SourceIdentity, person: PersonId) -> identity::ActiveModel {
    identity::ActiveModel {
        source: Set(one.source.0.clone()),
        local_id: Set(one.local_id.0.clone()),
        person: Set(person.0),
    }
}

fn to_row(change: &PersonChanged) -> entity::ActiveModel {
    entity::ActiveModel {
        person: Set(change.person.0),
        version: Set(change.version),
        practice: Set(change.practice.as_ref().map(|practice| practice.0.clone())),
        marks: Set(PersonMark::join(&change.marks)),
    }
}

async fn write(
    tx: &impl ConnectionTrait,
    claimed: Vec<identity::ActiveModel>,
    people: Vec<entity::ActiveModel>,
) -> Result<(), DbErr> {
    use entity::Column as P;
    use identity::Column as I;
    for chunk in claimed.chunks(MAX_ROWS_PER_STATEMENT) {
        let ignore = OnConflict::columns([I::Source, I::LocalId, I::Person])
            .do_nothing_on([I::Source, I::LocalId, I::Person])
            .to_owned();
        identity::Entity::insert_many(chunk.to_vec()).on_conflict(ignore).exec_without_returning(tx).await?;
    }
    for chunk in people.chunks(MAX_ROWS_PER_STATEMENT) {
        let newer = OnConflict::column(P::Person).update_columns([P::Version, P::Practice, P::Marks]).to_owned();
        entity::Entity::insert_many(chunk.to_vec()).on_conflict(newer).exec_without_returning(tx).await?;
    }
    Ok(())
}
