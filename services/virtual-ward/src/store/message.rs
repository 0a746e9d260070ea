//! The messages of each stay, sealed, as feeds read them. The same bytes of the same kind are one row; read
//! again in a newer way they replace it.

use std::collections::{BTreeMap, HashMap};

use lcr_contracts::spell::SpellMessage;
use lcr_model::{SpellId, seal::DataKeys};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use super::CHUNK;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "message")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub spell: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub content: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub event: String,
        pub version: i64,
        /// A `SpellMessage`.
        pub sealed: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

const LIVES_AT: &str = "virtual-ward/message";

/// One message as it arrived.
pub struct Arrived {
    pub spell: SpellId,
    /// When it was on disk.
    pub version: i64,
    pub message: SpellMessage,
}

type Key = (String, String);

fn key(message: &SpellMessage) -> Key {
    (message.content.clone(), format!("{:?}", message.event))
}

/// Keeps what is new; returns every stay it adds to, with all messages it now has.
pub async fn keep(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    arrived: Vec<Arrived>,
) -> Result<HashMap<SpellId, Vec<SpellMessage>>, DbErr> {
    let mut of_spell: BTreeMap<SpellId, Vec<Arrived>> = BTreeMap::new();
    for one in arrived {
        of_spell.entry(one.spell.clone()).or_default().push(one);
    }
    let ids: Vec<SpellId> = of_spell.keys().cloned().collect();
    let mut held = held(tx, &ids).await?;
    let (mut rows, mut changed) = (vec![], HashMap::new());
    for (spell, arrived) in of_spell {
        let mut known = held.remove(&spell).unwrap_or_default();
        let mut newer: BTreeMap<Key, Arrived> = BTreeMap::new();
        for one in arrived {
            let key = key(&one.message);
            let stored = known.get(&key).map(|row| row.version);
            let before = newer.get(&key).map(|one| one.version).or(stored);
            if before.is_none_or(|before| before < one.version) {
                newer.insert(key, one);
            }
        }
        if newer.is_empty() {
            continue;
        }
        let mut messages = vec![];
        for (key, one) in newer {
            known.remove(&key);
            rows.push(row(keys, key, &one)?);
            messages.push(one.message);
        }
        let opened = known.values().filter_map(|row| super::open(keys, LIVES_AT, &row.sealed));
        messages.extend(opened);
        changed.insert(spell, messages);
    }
    for chunk in rows.chunks(CHUNK) {
        let update = OnConflict::columns([Column::Spell, Column::Content, Column::Event])
            .update_columns([Column::Version, Column::Sealed])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(changed)
}

fn row(keys: &DataKeys, (content, event): Key, one: &Arrived) -> Result<ActiveModel, DbErr> {
    Ok(ActiveModel {
        spell: Set(one.spell.0.clone()),
        content: Set(content),
        event: Set(event),
        version: Set(one.version),
        sealed: Set(super::seal(keys, LIVES_AT, &one.message)?),
    })
}

async fn held(
    tx: &impl ConnectionTrait,
    spells: &[SpellId],
) -> Result<HashMap<SpellId, BTreeMap<Key, entity::Model>>, DbErr> {
    let mut held: HashMap<SpellId, BTreeMap<Key, entity::Model>> = HashMap::new();
    for chunk in spells.chunks(CHUNK) {
        let ids = chunk.iter().map(SpellId::as_str);
        for row in Entity::find().filter(Column::Spell.is_in(ids)).all(tx).await? {
            let key = (row.content.clone(), row.event.clone());
            held.entry(SpellId::new(row.spell.clone())).or_default().insert(key, row);
        }
    }
    Ok(held)
}
