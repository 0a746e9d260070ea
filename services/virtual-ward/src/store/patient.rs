//! What each source last said of each of its patients, for the heading of a row, and which of its numbers it has merged
//! into others (A40). Sealed but for the numbers.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::{events::SourcePatient, spell::PatientSaid};
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use super::CHUNK;
use crate::domain::Merge;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "patient")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub local_id: String,
        /// Of `sealed`; 0 while nothing was said of the number itself.
        pub version: i64,
        /// A `PatientSaid`.
        pub sealed: Option<String>,
        /// The number that this one was merged into, and when that was told, in microseconds.
        pub merged_into: Option<String>,
        pub merged_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

const LIVES_AT: &str = "virtual-ward/patient";

/// One word of a source on one of its patients.
pub struct Arrived {
    pub identity: SourceIdentity,
    pub version: i64,
    pub patient: SourcePatient,
}

/// What is known of a number.
#[derive(Clone, Default)]
pub struct Known {
    pub said: Option<PatientSaid>,
    /// When that was said, in microseconds.
    pub version: i64,
    pub merge: Option<Merge>,
}

fn said(patient: &SourcePatient) -> PatientSaid {
    PatientSaid {
        family: patient.family.clone(),
        given: patient.given.clone(),
        title: patient.title.clone(),
        birth_date: patient.birth_date,
        sex: patient.gender.clone(),
        nhs_number: patient.nhs_number.clone(),
        died: patient.died,
    }
}

fn blank(identity: &SourceIdentity) -> Model {
    Model {
        source: identity.source.0.clone(),
        local_id: identity.local_id.0.clone(),
        version: 0,
        sealed: None,
        merged_into: None,
        merged_at: None,
    }
}

/// Stores what is newer. Returns the numbers of which something else is known now.
pub async fn keep(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    arrived: Vec<Arrived>,
) -> Result<BTreeSet<SourceIdentity>, DbErr> {
    let of = |one: &Arrived, id: &LocalId| SourceIdentity {
        source: one.identity.source.clone(),
        local_id: id.clone(),
    };
    let numbers: BTreeSet<SourceIdentity> = arrived
        .iter()
        .flat_map(|one| {
            let merged = one.patient.replaces.iter().map(|id| of(one, id));
            std::iter::once(one.identity.clone()).chain(merged).collect::<Vec<_>>()
        })
        .collect();
    let mut rows = rows(tx, &numbers).await?;
    let mut changed = BTreeSet::new();
    for one in arrived {
        let row = rows.entry(one.identity.clone()).or_insert_with(|| blank(&one.identity));
        if row.version < one.version {
            row.version = one.version;
            // The version before has no such table: its rows are always sealed for themselves.
            let place = lives_at(&one.identity);
            row.sealed = Some(super::seal(keys, &place, &place, &said(&one.patient))?);
            changed.insert(one.identity.clone());
        }
        for id in &one.patient.replaces {
            let gone = of(&one, id);
            let row = rows.entry(gone.clone()).or_insert_with(|| blank(&gone));
            if row.merged_at.is_none_or(|at| at < one.version) {
                row.merged_into = Some(one.identity.local_id.0.clone());
                row.merged_at = Some(one.version);
                changed.insert(gone);
            }
        }
    }
    let written: Vec<ActiveModel> = rows
        .into_iter()
        .filter(|(identity, _)| changed.contains(identity))
        .map(|(_, row)| active(row))
        .collect();
    for chunk in written.chunks(CHUNK) {
        let update = OnConflict::columns([Column::Source, Column::LocalId])
            .update_columns([Column::Version, Column::Sealed, Column::MergedInto, Column::MergedAt])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(changed)
}

fn active(row: Model) -> ActiveModel {
    ActiveModel {
        source: Set(row.source),
        local_id: Set(row.local_id),
        version: Set(row.version),
        sealed: Set(row.sealed),
        merged_into: Set(row.merged_into),
        merged_at: Set(row.merged_at),
    }
}

/// What is known of these numbers and of those they were merged into.
pub async fn of(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    numbers: &BTreeSet<SourceIdentity>,
) -> Result<HashMap<SourceIdentity, Known>, DbErr> {
    let mut found: HashMap<SourceIdentity, Known> = HashMap::new();
    let mut next = numbers.clone();
    // Chains of merges are short; a circle ends because nothing is looked up twice.
    while !next.is_empty() {
        let mut survivors = BTreeSet::new();
        for (identity, row) in rows(db, &next).await? {
            let merge = merge(&row);
            survivors.extend(merge.as_ref().map(|merge| merge.into.clone()));
            let open = |sealed| super::open(keys, &lives_at(&identity), LIVES_AT, sealed);
            let said = row.sealed.as_deref().and_then(open);
            found.insert(identity, Known { said, version: row.version, merge });
        }
        next = survivors.into_iter().filter(|one| !found.contains_key(one)).collect();
    }
    Ok(found)
}

fn lives_at(identity: &SourceIdentity) -> String {
    super::row_of(LIVES_AT, &[identity.source.as_str(), &identity.local_id.0])
}

fn merge(row: &Model) -> Option<Merge> {
    let local_id = LocalId(row.merged_into.clone()?);
    let told = Timestamp::from_microsecond(row.merged_at?).ok()?;
    Some(Merge { into: SourceIdentity { source: SourceId(row.source.clone()), local_id }, told })
}

async fn rows(
    db: &impl ConnectionTrait,
    numbers: &BTreeSet<SourceIdentity>,
) -> Result<HashMap<SourceIdentity, Model>, DbErr> {
    let mut by_source: HashMap<&SourceId, Vec<&str>> = HashMap::new();
    for one in numbers {
        by_source.entry(&one.source).or_default().push(&one.local_id.0);
    }
    let mut found = HashMap::new();
    for (source, ids) in by_source {
        for chunk in ids.chunks(CHUNK) {
            let rows = Entity::find()
                .filter(Column::Source.eq(source.as_str()))
                .filter(Column::LocalId.is_in(chunk.iter().copied()));
            for row in rows.all(db).await? {
                let local_id = LocalId(row.local_id.clone());
                found.insert(SourceIdentity { source: source.clone(), local_id }, row);
            }
        }
    }
    Ok(found)
}
