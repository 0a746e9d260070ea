//! Who is who and registered where, from the index: version, practice, marks, identities. No demographics.
//!
//! An identity is kept once for each person whose newest word claims it. Words of two people may come in any
//! order, so for a moment two may claim one; then it counts as nobody's.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lcr_contracts::events::PersonChanged;
use lcr_model::{LocalId, OdsCode, PersonId, SourceId, SourceIdentity};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use super::CHUNK;

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
    pub fn marked(&self, mark: &str) -> bool {
        self.marks.split(',').any(|held| held == mark)
    }
}

/// What a batch of words about people changed.
#[derive(Debug, Default)]
pub struct Moved {
    pub people: BTreeSet<PersonId>,
    /// Claimed or let go of.
    pub identities: BTreeSet<SourceIdentity>,
}

pub async fn find(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, PersonRow>, DbErr> {
    let mut found = HashMap::new();
    for chunk in people.chunks(CHUNK) {
        let ids = chunk.iter().map(|person| person.0);
        let rows = entity::Entity::find().filter(entity::Column::Person.is_in(ids)).all(db).await?;
        found.extend(rows.into_iter().map(|row| (PersonId(row.person), row)));
    }
    Ok(found)
}

/// All identities of these people.
pub async fn identities_of(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, BTreeSet<SourceIdentity>>, DbErr> {
    let mut found: BTreeMap<PersonId, BTreeSet<SourceIdentity>> = BTreeMap::new();
    for chunk in people.chunks(CHUNK) {
        let ids = chunk.iter().map(|person| person.0);
        for row in identity::Entity::find().filter(identity::Column::Person.is_in(ids)).all(db).await? {
            found.entry(PersonId(row.person)).or_default().insert(as_identity(row.source, row.local_id));
        }
    }
    Ok(found)
}

/// Whose these identities are; those that nobody or more than one person claims are left out.
pub async fn owners(
    db: &impl ConnectionTrait,
    identities: impl IntoIterator<Item = &SourceIdentity>,
) -> Result<HashMap<SourceIdentity, PersonId>, DbErr> {
    let mut by_source: HashMap<&SourceId, BTreeSet<&str>> = HashMap::new();
    for one in identities {
        by_source.entry(&one.source).or_default().insert(&one.local_id.0);
    }
    let mut claims: HashMap<SourceIdentity, Vec<PersonId>> = HashMap::new();
    for (source, ids) in by_source {
        let ids: Vec<&str> = ids.into_iter().collect();
        for chunk in ids.chunks(CHUNK) {
            let found = identity::Entity::find()
                .filter(identity::Column::Source.eq(source.as_str()))
                .filter(identity::Column::LocalId.is_in(chunk.iter().copied()));
            for row in found.all(db).await? {
                claims.entry(as_identity(row.source, row.local_id)).or_default().push(PersonId(row.person));
            }
        }
    }
    let sure = |(identity, people): (SourceIdentity, Vec<PersonId>)| match people.as_slice() {
        [person] => Some((identity, *person)),
        _ => None,
    };
    Ok(claims.into_iter().filter_map(sure).collect())
}

fn as_identity(source: String, local_id: String) -> SourceIdentity {
    SourceIdentity { source: SourceId(source), local_id: LocalId(local_id) }
}

/// Keeps the newest version of each.
pub async fn keep(tx: &impl ConnectionTrait, changes: Vec<PersonChanged>) -> Result<Moved, DbErr> {
    let ids: Vec<PersonId> = changes.iter().map(|change| change.person).collect();
    let known = find(tx, &ids).await?;
    let mut newest: HashMap<PersonId, PersonChanged> = HashMap::new();
    for change in changes {
        let held = newest.get(&change.person).map(|held| held.version);
        let held = held.or(known.get(&change.person).map(|row| row.version));
        if held.is_none_or(|held| held < change.version) {
            newest.insert(change.person, change);
        }
    }
    // Who is new has no identities to compare with: loading a city must not ask for each.
    let before: Vec<PersonId> = newest.keys().filter(|person| known.contains_key(person)).copied().collect();
    let before = identities_of(tx, &before).await?;
    let none = BTreeSet::new();
    let (mut moved, mut claimed) = (Moved::default(), vec![]);
    for change in newest.values() {
        let before = before.get(&change.person).unwrap_or(&none);
        let now: HashSet<&SourceIdentity> = change.identities.iter().collect();
        let gone: Vec<&SourceIdentity> = before.iter().filter(|one| !now.contains(one)).collect();
        let come: Vec<&SourceIdentity> = now.into_iter().filter(|one| !before.contains(one)).collect();
        let row = known.get(&change.person);
        if !gone.is_empty() || !come.is_empty() || row.is_none_or(|row| differs(row, change)) {
            moved.people.insert(change.person);
        }
        for one in &gone {
            let key = (one.source.0.clone(), one.local_id.0.clone(), change.person.0);
            identity::Entity::delete_by_id(key).exec(tx).await?;
        }
        claimed.extend(come.iter().map(|one| claim(one, change.person)));
        moved.identities.extend(gone.into_iter().chain(come).cloned());
    }
    write(tx, claimed, newest.values().map(row).collect()).await?;
    Ok(moved)
}

fn differs(row: &PersonRow, change: &PersonChanged) -> bool {
    let practice = change.practice.as_ref().map(OdsCode::as_str);
    row.practice.as_deref() != practice || row.marks != change.marks.join(",")
}

fn claim(one: &SourceIdentity, person: PersonId) -> identity::ActiveModel {
    identity::ActiveModel {
        source: Set(one.source.0.clone()),
        local_id: Set(one.local_id.0.clone()),
        person: Set(person.0),
    }
}

fn row(change: &PersonChanged) -> entity::ActiveModel {
    entity::ActiveModel {
        person: Set(change.person.0),
        version: Set(change.version),
        practice: Set(change.practice.as_ref().map(|practice| practice.0.clone())),
        marks: Set(change.marks.join(",")),
    }
}

async fn write(
    tx: &impl ConnectionTrait,
    claimed: Vec<identity::ActiveModel>,
    people: Vec<entity::ActiveModel>,
) -> Result<(), DbErr> {
    use entity::Column as P;
    use identity::Column as I;
    for chunk in claimed.chunks(CHUNK) {
        let held = OnConflict::columns([I::Source, I::LocalId, I::Person])
            .do_nothing_on([I::Source, I::LocalId, I::Person])
            .to_owned();
        identity::Entity::insert_many(chunk.to_vec()).on_conflict(held).exec_without_returning(tx).await?;
    }
    for chunk in people.chunks(CHUNK) {
        let newer =
            OnConflict::column(P::Person).update_columns([P::Version, P::Practice, P::Marks]).to_owned();
        entity::Entity::insert_many(chunk.to_vec()).on_conflict(newer).exec_without_returning(tx).await?;
    }
    Ok(())
}
