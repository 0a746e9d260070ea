//! Each source's newest details of its patients, for the heading of a row, and the numbers it merged (A40). Details must be
//! sealed; only the numbers are in the clear.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::{events::SourcePatient, spell::PatientDetails};
use lcr_model::{LocalId, SourceId, SourceIdentity, seal::DataKeys};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use super::MAX_ROWS_PER_STATEMENT;
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
        /// The version of `sealed`; 0 if only a merge of the number is known.
        pub version: i64,
        /// A `PatientDetails`.
        pub sealed: Option<String>,
        /// The number that this one was merged into.
        pub merged_into: Option<String>,
        /// The message time of the merge, in microseconds.
        pub merged_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

const TABLE_SEAL_CONTEXT: &str = "virtual-ward/patient";

/// A source's details of one patient, as received.
pub struct ReceivedPatient {
    pub identity: SourceIdentity,
    pub version: i64,
    pub patient: SourcePatient,
}

/// The stored details and merge of one number.
#[derive(Clone, Default)]
pub struct StoredPatient {
    pub details: Option<PatientDetails>,
    /// The message time of the details, in microseconds.
    pub version: i64,
    pub merge: Option<Merge>,
}

fn to_details(patient: &SourcePatient) -> PatientDetails {
    PatientDetails {
        family: patient.family.clone(),
        given: patient.given.clone(),
        title: patient.title.clone(),
        birth_date: patient.birth_date,
        sex: patient.gender.clone(),
        nhs_number: patient.nhs_number.clone(),
        died: patient.died,
    }
}

fn empty_row(identity: &SourceIdentity) -> Model {
    Model {
        source: identity.source.0.clone(),
        local_id: identity.local_id.0.clone(),
        version: 0,
        sealed: None,
        merged_into: None,
        merged_at: None,
    }
}

/// Stores newer details and merges. Returns the numbers that changed.
pub async fn save_newer(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    arrived: Vec<ReceivedPatient>,
) -> Result<BTreeSet<SourceIdentity>, DbErr> {
    let same_source = |one: &ReceivedPatient, id: &LocalId| SourceIdentity {
        source: one.identity.source.clone(),
        local_id: id.clone(),
    };
    let numbers: BTreeSet<SourceIdentity> = arrived
        .iter()
        .flat_map(|one| {
            let merged = one.patient.replaces.iter().map(|id| same_source(one, id));
            std::iter::once(one.identity.clone()).chain(merged).collect::<Vec<_>>()
        })
        .collect();
    let mut rows = rows(tx, &numbers).await?;
    let mut changed = BTreeSet::new();
    for one in arrived {
        let row = rows.entry(one.identity.clone()).or_insert_with(|| empty_row(&one.identity));
        if row.version < one.version {
            row.version = one.version;
            // The previous version has no such table, so its rows are always sealed for the row.
            let context = seal_context(&one.identity);
            row.sealed = Some(super::seal(keys, &context, &context, &to_details(&one.patient))?);
            changed.insert(one.identity.clone());
        }
        for id in &one.patient.replaces {
            let gone = same_source(&one, id);
            let row = rows.entry(gone.clone()).or_insert_with(|| empty_row(&gone));
            if row.merged_at.is_none_or(|at| at < one.version) {
                row.merged_into = Some(one.identity.local_id.0.clone());
                row.merged_at = Some(one.version);
                changed.insert(gone);
            }
        }
    }
    let written: Vec<ActiveModel> =
        rows.into_iter().filter(|(identity, _)| changed.contains(identity)).map(|(_, row)| active(row)).collect();
    for chunk in written.chunks(MAX_ROWS_PER_STATEMENT) {
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

/// The stored details of these numbers and of the numbers they were merged into.
pub async fn find_with_survivors(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    numbers: &BTreeSet<SourceIdentity>,
) -> Result<HashMap<SourceIdentity, StoredPatient>, DbErr> {
    let mut found: HashMap<SourceIdentity, StoredPatient> = HashMap::new();
    let mut next = numbers.clone();
    // Chains of merges are short. A circle ends because no number is looked up twice.
    while !next.is_empty() {
        let mut survivors = BTreeSet::new();
        for (identity, row) in rows(db, &next).await? {
            let merge = merge(&row);
            survivors.extend(merge.as_ref().map(|merge| merge.into.clone()));
            let open = |sealed| super::open(keys, &seal_context(&identity), TABLE_SEAL_CONTEXT, sealed);
            let details = row.sealed.as_deref().and_then(open);
            found.insert(identity, StoredPatient { details, version: row.version, merge });
        }
        next = survivors.into_iter().filter(|one| !found.contains_key(one)).collect();
    }
    Ok(found)
}

fn seal_context(identity: &SourceIdentity) -> String {
    super::row_seal_context(TABLE_SEAL_CONTEXT, &[identity.source.as_str(), &identity.local_id.0])
}

fn merge(row: &Model) -> Option<Merge> {
    let local_id = LocalId(row.merged_into.clone()?);
    let merged_at = Timestamp::from_microsecond(row.merged_at?).ok()?;
    Some(Merge { into: SourceIdentity { source: SourceId(row.source.clone()), local_id }, merged_at })
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
        for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
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
