//! Stores what the index publishes about people. An older version must never replace a newer one.

use std::collections::{BTreeSet, HashMap, HashSet};

use lcr_contracts::events::{PersonChanged, PersonMark};
use lcr_model::{OdsCode, PersonId, SourceIdentity};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use super::{super::MAX_ROWS_PER_STATEMENT, PersonRow, entity, find_by_ids, find_identities, identity};

/// The people and identities that a batch changed.
#[derive(Debug, Default)]
pub struct PeopleChanges {
    pub people: BTreeSet<PersonId>,
    /// Identities that a person gained or lost.
    pub identities: BTreeSet<SourceIdentity>,
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
