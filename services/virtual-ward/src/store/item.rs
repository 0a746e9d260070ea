//! Items of a stay: its discharge letter, and results that were awaited. The newest version of each by whom it is
//! about, its kind and the source's own key; an older one changes nothing.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::{events::Pushed, ward::Cell};
use lcr_model::{LocalId, SourceId, SourceIdentity, SpellId, seal::DataKeys};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};
use serde::{Deserialize, Serialize};

use super::CHUNK;
use crate::domain::row::Afterwards;

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
        pub spell: String,
        pub version: i64,
        /// A `Kept`. `spell` is empty while no version named one: a result may come without the stay it was asked in.
        pub sealed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

const LIVES_AT: &str = "virtual-ward/item";

/// What a stay's row needs of an item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub letter: bool,
    pub awaited: bool,
    pub name: String,
}

/// One item as it arrived.
pub struct Arrived {
    pub identity: SourceIdentity,
    pub kind: Pushed,
    pub item: String,
    /// `None` takes it from the stay it belonged to.
    pub spell: Option<SpellId>,
    pub version: i64,
    pub kept: Kept,
}

/// One item as it is held.
#[derive(Clone)]
pub struct Held {
    pub identity: SourceIdentity,
    pub spell: SpellId,
    /// The source's own key.
    pub item: String,
    pub at: Timestamp,
    pub kept: Kept,
}

impl Held {
    /// The newest letter counts; every awaited result is named.
    pub fn add_to(&self, afterwards: &mut Afterwards) {
        if self.kept.letter && afterwards.letter.as_ref().is_none_or(|letter| letter.at < self.at) {
            afterwards.letter = Some(Cell { value: self.item.clone(), at: self.at });
        }
        if self.kept.awaited && !afterwards.pending_results.contains(&self.kept.name) {
            afterwards.pending_results.push(self.kept.name.clone());
            afterwards.pending_results.sort();
        }
    }
}

/// Source, local id, kind, item.
type Key = (String, String, String, String);

fn key(arrived: &Arrived) -> Key {
    let SourceIdentity { source, local_id } = arrived.identity.clone();
    (source.0, local_id.0, format!("{:?}", arrived.kind), arrived.item.clone())
}

fn key_of(row: &entity::Model) -> Key {
    (row.source.clone(), row.local_id.clone(), row.kind.clone(), row.item.clone())
}

/// Keeps what is newer and returns the stays whose row it changes.
pub async fn keep(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    arrived: &[Arrived],
) -> Result<BTreeSet<SpellId>, DbErr> {
    let named = arrived.iter().map(|one| one.item.clone());
    let held = Entity::find().filter(Column::Item.is_in(named)).all(tx).await?;
    let mut held: HashMap<Key, entity::Model> = held.into_iter().map(|row| (key_of(&row), row)).collect();
    let (mut newer, mut touched) = (HashMap::new(), BTreeSet::new());
    for one in arrived {
        let key = key(one);
        let before = held.get(&key);
        let spell = one.spell.as_ref().map(|spell| spell.0.clone());
        let row = match before {
            // An older word can still tell which stay it is of.
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
                sealed: super::seal(keys, &lives_at([&key.0, &key.1, &key.2, &key.3]), LIVES_AT, &one.kept)?,
            },
        };
        touched.extend(before.map(|before| SpellId::new(before.spell.clone())));
        touched.insert(SpellId::new(row.spell.clone()));
        newer.insert(key.clone(), row.clone());
        held.insert(key, row);
    }
    let rows: Vec<ActiveModel> = newer.into_values().map(active).collect();
    for chunk in rows.chunks(CHUNK) {
        let update = OnConflict::columns([Column::Source, Column::LocalId, Column::Kind, Column::Item])
            .update_columns([Column::Spell, Column::Version, Column::Sealed])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    touched.remove(&SpellId::new(""));
    Ok(touched)
}

fn lives_at(key: [&str; 4]) -> String {
    super::row_of(LIVES_AT, &key)
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

/// Letters and awaited results of these visits.
pub async fn of(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    visits: &BTreeSet<SpellId>,
) -> Result<Vec<Held>, DbErr> {
    let ids: Vec<&str> = visits.iter().map(SpellId::as_str).collect();
    let mut found = vec![];
    for chunk in ids.chunks(CHUNK) {
        for row in Entity::find().filter(Column::Spell.is_in(chunk.iter().copied())).all(db).await? {
            let place = lives_at([&row.source, &row.local_id, &row.kind, &row.item]);
            let Some(kept) = super::open::<Kept>(keys, &place, LIVES_AT, &row.sealed) else { continue };
            let identity = SourceIdentity { source: SourceId(row.source), local_id: LocalId(row.local_id) };
            let at = Timestamp::from_microsecond(row.version).unwrap_or_default();
            found.push(Held { identity, spell: SpellId::new(row.spell), item: row.item, at, kept });
        }
    }
    Ok(found)
}
