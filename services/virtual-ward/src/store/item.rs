//! Items of a stay: discharge letters and pending results, one row per patient, kind and the source's own key. An older
//! version must never replace a newer one.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::{events::PushedKind, ward::Cell};
use lcr_model::{LocalId, SourceId, SourceIdentity, SpellId, seal::DataKeys};
use lcr_store::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};
use serde::{Deserialize, Serialize};

use super::MAX_ROWS_PER_STATEMENT;
use crate::domain::row::FollowUp;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub local_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub item: String,
        /// Empty until a version names the stay: a result may arrive without it.
        pub spell: String,
        pub version: i64,
        /// An `ItemSummary`.
        pub sealed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

const TABLE_SEAL_CONTEXT: &str = "virtual-ward/item";

/// The parts of an item that a row shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemSummary {
    pub letter: bool,
    pub awaited: bool,
    pub name: String,
}

/// An item as received.
pub struct ReceivedItem {
    pub identity: SourceIdentity,
    pub kind: PushedKind,
    pub item: String,
    /// `None` keeps the stay of the version before.
    pub spell: Option<SpellId>,
    pub version: i64,
    pub summary: ItemSummary,
}

/// An item as stored.
#[derive(Clone)]
pub struct StoredItem {
    pub identity: SourceIdentity,
    pub spell: SpellId,
    /// The source's own key.
    pub item: String,
    pub at: Timestamp,
    pub summary: ItemSummary,
}

impl StoredItem {
    /// Adds this item: the newest letter wins, every pending result is listed.
    pub fn add_to(&self, follow_up: &mut FollowUp) {
        if self.summary.letter && follow_up.letter.as_ref().is_none_or(|letter| letter.at < self.at) {
            follow_up.letter = Some(Cell { value: self.item.clone(), at: self.at });
        }
        if self.summary.awaited && !follow_up.pending_results.contains(&self.summary.name) {
            follow_up.pending_results.push(self.summary.name.clone());
            follow_up.pending_results.sort();
        }
    }
}

/// Source, local id, kind, item.
type Key = (String, String, String, String);

fn key(arrived: &ReceivedItem) -> Key {
    let SourceIdentity { source, local_id } = arrived.identity.clone();
    (source.0, local_id.0, arrived.kind.key().to_owned(), arrived.item.clone())
}

fn key_of(row: &entity::Model) -> Key {
    (row.source.clone(), row.local_id.clone(), row.kind.clone(), row.item.clone())
}

/// Stores newer versions. Returns the visits whose rows change.
pub async fn save_newer(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    arrived: &[ReceivedItem],
) -> Result<BTreeSet<SpellId>, DbErr> {
    if arrived.is_empty() {
        return Ok(BTreeSet::new());
    }
    let named = arrived.iter().map(|one| one.item.clone());
    let rows = Entity::find().filter(Column::Item.is_in(named)).all(tx).await?;
    let mut stored: HashMap<Key, entity::Model> = rows.into_iter().map(|row| (key_of(&row), row)).collect();
    let (mut newer, mut touched) = (HashMap::new(), BTreeSet::new());
    for one in arrived {
        let key = key(one);
        let before = stored.get(&key);
        let spell = one.spell.as_ref().map(|spell| spell.0.clone());
        let row = match before {
            // An older version may still name the stay.
            Some(before) if before.version >= one.version => {
                let Some(spell) = spell.filter(|_| before.spell.is_empty()) else { continue };
                entity::Model { spell, ..before.clone() }
            }
            _ => entity::Model {
                source: key.0.clone(),
                local_id: key.1.clone(),
                kind: key.2.clone(),
                item: key.3.clone(),
                spell: spell.or(before.map(|before| before.spell.clone())).unwrap_or_default(),
                version: one.version,
                sealed: super::seal(
                    keys,
                    &seal_context([&key.0, &key.1, &key.2, &key.3]),
                    TABLE_SEAL_CONTEXT,
                    &one.summary,
                )?,
            },
        };
        touched.extend(before.map(|before| SpellId::new(before.spell.clone())));
        touched.insert(SpellId::new(row.spell.clone()));
        newer.insert(key.clone(), row.clone());
        stored.insert(key, row);
    }
    let rows: Vec<ActiveModel> = newer.into_values().map(active).collect();
    for chunk in rows.chunks(MAX_ROWS_PER_STATEMENT) {
        let update = OnConflict::columns([Column::Source, Column::LocalId, Column::Kind, Column::Item])
            .update_columns([Column::Spell, Column::Version, Column::Sealed])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    touched.remove(&SpellId::new(""));
    Ok(touched)
}

fn seal_context(key: [&str; 4]) -> String {
    super::row_seal_context(TABLE_SEAL_CONTEXT, &key)
}

fn active(row: entity::Model) -> ActiveModel {
    ActiveModel {
        source: Set(row.source),
        local_id: Set(row.local_id),
        kind: Set(row.kind),
        item: Set(row.item),
        spell: Set(row.spell),
        version: Set(row.version),
        sealed: Set(row.sealed),
    }
}

pub async fn find_by_visits(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    visits: &BTreeSet<SpellId>,
) -> Result<Vec<StoredItem>, StoreError> {
    let ids: Vec<&str> = visits.iter().map(SpellId::as_str).collect();
    let mut found = vec![];
    for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        for row in Entity::find().filter(Column::Spell.is_in(chunk.iter().copied())).all(db).await? {
            let context = seal_context([&row.source, &row.local_id, &row.kind, &row.item]);
            let Some(summary) = super::open::<ItemSummary>(keys, &context, TABLE_SEAL_CONTEXT, &row.sealed) else {
                continue;
            };
            let identity = SourceIdentity { source: SourceId(row.source), local_id: LocalId(row.local_id) };
            let at = Timestamp::from_microsecond(row.version).unwrap_or_default();
            found.push(StoredItem { identity, spell: SpellId::new(row.spell), item: row.item, at, summary });
        }
    }
    Ok(found)
}
