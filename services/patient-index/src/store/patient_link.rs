//! Which records of one source are the same person's, as the source says (`Patient.link`). A link counts in whatever
//! order its records arrive. Two different NHS numbers are never brought together by it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use lcr_contracts::events::{PatientLinkKind, SourcePatient};
use lcr_model::{PersonId, SourceId, SourceIdentity};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Set};

use super::{
    identity::identity,
    merged::{remember, repoint},
};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "patient_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub local_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub other: String,
        /// Which of the two is the record to use: `other`, `this` or `either`.
        pub uses: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{Column, Entity};

/// Why an identity is with its person.
const BECAUSE: &str = "its source says that both records are one person's";
const OTHER: &str = "other";
const THIS: &str = "this";
const EITHER: &str = "either";
/// The most records of one person at one source.
const MOST: usize = 200;

/// What following links did.
#[derive(Debug, Default)]
pub struct Followed {
    /// People who lost an identity.
    pub left: Vec<PersonId>,
    /// People who got one.
    pub joined: Vec<PersonId>,
    /// Records kept apart because their NHS numbers differ.
    pub refused: usize,
}

/// Keeps what these records say of others.
pub async fn keep<'i>(
    tx: &impl ConnectionTrait,
    said: impl Iterator<Item = (&'i SourceIdentity, &'i SourcePatient)> + Clone,
) -> Result<(), DbErr> {
    for (source, ids) in by_source(said.clone().map(|(identity, _)| identity)) {
        let old = Entity::delete_many()
            .filter(Column::Source.eq(source.as_str()))
            .filter(Column::LocalId.is_in(ids.iter().copied()));
        old.exec(tx).await?;
    }
    let mut rows: BTreeMap<(String, String, String), &str> = BTreeMap::new();
    for (identity, patient) in said {
        for link in &patient.links {
            let uses = match link.kind {
                PatientLinkKind::ReplacedBy | PatientLinkKind::Refer => OTHER,
                PatientLinkKind::Replaces => THIS,
                PatientLinkKind::Seealso => EITHER,
            };
            let key = (identity.source.0.clone(), identity.local_id.0.clone(), link.other.0.clone());
            rows.insert(key, uses);
        }
    }
    let row = |((source, local_id, other), uses): ((String, String, String), &str)| entity::ActiveModel {
        source: Set(source),
        local_id: Set(local_id),
        other: Set(other),
        uses: Set(uses.to_owned()),
    };
    let rows: Vec<entity::ActiveModel> = rows.into_iter().map(row).collect();
    for chunk in rows.chunks(200) {
        Entity::insert_many(chunk.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Brings together what the links of these records, in either direction, say is one person's.
pub async fn follow<'i>(
    tx: &impl ConnectionTrait,
    identities: impl Iterator<Item = &'i SourceIdentity>,
) -> Result<Followed, DbErr> {
    let mut followed = Followed::default();
    for (source, ids) in by_source(identities) {
        let ids: BTreeSet<String> = ids.into_iter().map(str::to_owned).collect();
        let mut done: HashSet<String> = HashSet::new();
        for link in touching(tx, source, &ids).await? {
            if !done.contains(&link.local_id) {
                let group = group_of(tx, source, &link.local_id).await?;
                done.extend(group.members.iter().cloned());
                unite(tx, source, &group, &mut followed).await?;
            }
        }
    }
    Ok(followed)
}

/// Records that are one person's, and those among them for which another is to be used.
#[derive(Default)]
struct Group {
    members: BTreeSet<String>,
    given_up: BTreeSet<String>,
}

async fn group_of(tx: &impl ConnectionTrait, source: &SourceId, start: &str) -> Result<Group, DbErr> {
    let mut group = Group::default();
    let mut next = BTreeSet::from([start.to_owned()]);
    while !next.is_empty() && group.members.len() < MOST {
        let links = touching(tx, source, &next).await?;
        group.members.append(&mut next);
        for link in links {
            match link.uses.as_str() {
                OTHER => drop(group.given_up.insert(link.local_id.clone())),
                THIS => drop(group.given_up.insert(link.other.clone())),
                _ => {}
            }
            for id in [link.local_id, link.other] {
                if !group.members.contains(&id) {
                    next.insert(id);
                }
            }
        }
    }
    Ok(group)
}

async fn touching(
    db: &impl ConnectionTrait,
    source: &SourceId,
    ids: &BTreeSet<String>,
) -> Result<Vec<entity::Model>, DbErr> {
    let either = Condition::any().add(Column::LocalId.is_in(ids.iter())).add(Column::Other.is_in(ids.iter()));
    let most = u64::try_from(10 * MOST).unwrap_or(u64::MAX).max(4 * ids.len() as u64);
    Entity::find().filter(Column::Source.eq(source.as_str())).filter(either).limit(most).all(db).await
}

/// Points every record of the group at one person: that of the record in use, or of the one with an NHS number.
async fn unite(
    tx: &impl ConnectionTrait,
    source: &SourceId,
    group: &Group,
    followed: &mut Followed,
) -> Result<(), DbErr> {
    let mut rows = identity::Entity::find()
        .filter(identity::Column::Source.eq(source.as_str()))
        .filter(identity::Column::LocalId.is_in(group.members.iter()))
        .all(tx)
        .await?;
    rows.sort_by_key(|row| (row.retired, group.given_up.contains(&row.local_id), row.local_id.clone()));
    let numbered = |row: &&identity::Model| row.number().is_some() && !row.number_doubted;
    let Some(kept) = rows.iter().find(numbered).or(rows.first()) else { return Ok(()) };
    let (person, number) = (PersonId(kept.person), kept.number().filter(|_| !kept.number_doubted));
    let mut left = Vec::new();
    for row in rows.iter().filter(|row| row.person != person.0) {
        if row.number().is_some_and(|other| number.as_ref().is_some_and(|number| *number != other)) {
            followed.refused += 1;
            continue;
        }
        repoint(tx, &row.identity(), person, BECAUSE).await?;
        left.push(PersonId(row.person));
    }
    if !left.is_empty() {
        left.sort_unstable();
        left.dedup();
        remember(tx, &left, person).await?;
        followed.left.extend(left);
        followed.joined.push(person);
    }
    Ok(())
}

fn by_source<'i>(
    identities: impl Iterator<Item = &'i SourceIdentity>,
) -> BTreeMap<&'i SourceId, Vec<&'i str>> {
    let mut by_source: BTreeMap<&SourceId, Vec<&str>> = BTreeMap::new();
    for identity in identities {
        by_source.entry(&identity.source).or_default().push(&identity.local_id.0);
    }
    by_source
}
