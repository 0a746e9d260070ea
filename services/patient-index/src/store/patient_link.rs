//! Links between records of one source (FHIR `Patient.link`). The result must not depend on the order of arrival, and a link
//! must never bring two different NHS numbers together.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use lcr_contracts::events::{PatientLinkKind, SourcePatient};
use lcr_model::{PersonId, SourceId, SourceIdentity};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Set};

use super::{
    identity::identity,
    merged::{move_identity, record_survivor},
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

/// The reason why an identity belongs to its person.
const REASON: &str = "its source says that both records are one person's";
const OTHER: &str = "other";
const THIS: &str = "this";
const EITHER: &str = "either";
/// The most records of one person at one source.
const MAX_GROUP_SIZE: usize = 200;

/// The result of applying links.
#[derive(Debug, Default)]
pub struct LinkResult {
    /// People who lost an identity.
    pub left: Vec<PersonId>,
    /// People who got one.
    pub joined: Vec<PersonId>,
    /// The number of records that stay separate because their NHS numbers differ.
    pub refused: usize,
}

/// Stores the links of these records, and replaces their previous ones.
pub async fn store_links<'i>(
    tx: &impl ConnectionTrait,
    records: impl Iterator<Item = (&'i SourceIdentity, &'i SourcePatient)> + Clone,
) -> Result<(), DbErr> {
    for (source, ids) in by_source(records.clone().map(|(identity, _)| identity)) {
        let old = Entity::delete_many()
            .filter(Column::Source.eq(source.as_str()))
            .filter(Column::LocalId.is_in(ids.iter().copied()));
        old.exec(tx).await?;
    }
    let mut rows: BTreeMap<(String, String, String), &str> = BTreeMap::new();
    for (identity, patient) in records {
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

/// Unites the groups of records that these records link to, in either direction.
pub async fn apply_links<'i>(
    tx: &impl ConnectionTrait,
    identities: impl Iterator<Item = &'i SourceIdentity>,
) -> Result<LinkResult, DbErr> {
    let mut result = LinkResult::default();
    for (source, ids) in by_source(identities) {
        let ids: BTreeSet<String> = ids.into_iter().map(str::to_owned).collect();
        let mut done: HashSet<String> = HashSet::new();
        for link in find_links(tx, source, &ids).await? {
            if !done.contains(&link.local_id) {
                let group = load_group(tx, source, &link.local_id).await?;
                done.extend(group.members.iter().cloned());
                unite_group(tx, source, &group, &mut result).await?;
            }
        }
    }
    Ok(result)
}

/// The linked records of one person. `replaced` are those for which another record is to be used.
#[derive(Default)]
struct Group {
    members: BTreeSet<String>,
    replaced: BTreeSet<String>,
}

async fn load_group(tx: &impl ConnectionTrait, source: &SourceId, start: &str) -> Result<Group, DbErr> {
    let mut group = Group::default();
    let mut next = BTreeSet::from([start.to_owned()]);
    while !next.is_empty() && group.members.len() < MAX_GROUP_SIZE {
        let links = find_links(tx, source, &next).await?;
        group.members.append(&mut next);
        for link in links {
            match link.uses.as_str() {
                OTHER => drop(group.replaced.insert(link.local_id.clone())),
                THIS => drop(group.replaced.insert(link.other.clone())),
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

async fn find_links(
    db: &impl ConnectionTrait,
    source: &SourceId,
    ids: &BTreeSet<String>,
) -> Result<Vec<entity::Model>, DbErr> {
    let either = Condition::any().add(Column::LocalId.is_in(ids.iter())).add(Column::Other.is_in(ids.iter()));
    let most = u64::try_from(10 * MAX_GROUP_SIZE).unwrap_or(u64::MAX).max(4 * ids.len() as u64);
    Entity::find().filter(Column::Source.eq(source.as_str())).filter(either).limit(most).all(db).await
}

/// Moves every record of the group to one person: the person of the record with an NHS number, or of the record in use.
async fn unite_group(
    tx: &impl ConnectionTrait,
    source: &SourceId,
    group: &Group,
    result: &mut LinkResult,
) -> Result<(), DbErr> {
    let mut rows = identity::Entity::find()
        .filter(identity::Column::Source.eq(source.as_str()))
        .filter(identity::Column::LocalId.is_in(group.members.iter()))
        .all(tx)
        .await?;
    rows.sort_by_key(|row| (row.retired, group.replaced.contains(&row.local_id), row.local_id.clone()));
    let numbered = |row: &&identity::Model| row.number().is_some() && !row.number_doubted;
    let Some(main) = rows.iter().find(numbered).or(rows.first()) else { return Ok(()) };
    let (person, number) = (PersonId(main.person), main.number().filter(|_| !main.number_doubted));
    let mut left = Vec::new();
    for row in rows.iter().filter(|row| row.person != person.0) {
        if row.number().is_some_and(|other| number.as_ref().is_some_and(|number| *number != other)) {
            result.refused += 1;
            continue;
        }
        move_identity(tx, &row.identity(), person, REASON).await?;
        left.push(PersonId(row.person));
    }
    if !left.is_empty() {
        left.sort_unstable();
        left.dedup();
        record_survivor(tx, &left, person).await?;
        result.left.extend(left);
        result.joined.push(person);
    }
    Ok(())
}

fn by_source<'i>(identities: impl Iterator<Item = &'i SourceIdentity>) -> BTreeMap<&'i SourceId, Vec<&'i str>> {
    let mut by_source: BTreeMap<&SourceId, Vec<&str>> = BTreeMap::new();
    for identity in identities {
        by_source.entry(&identity.source).or_default().push(&identity.local_id.0);
    }
    by_source
}
