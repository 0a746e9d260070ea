//! The messages of each visit, sealed, as feeds read them. The same bytes of the same kind are one row; read
//! again in a newer way they replace it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lcr_contracts::spell::{SpellEvent, SpellMessage};
use lcr_model::{SpellId, seal::DataKeys};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::OnConflict,
};

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

use entity::{ActiveModel, Column, Entity, Model};

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

/// The newest updates of a visit that are folded, and the newest of all other messages. A sender that writes one visit
/// number for everybody must not make every message cost the whole of its history; no real stay has so many moves.
const MOST_UPDATES: u64 = 1_000;
const MOST_EVENTS: u64 = 3_000;
/// Visits with fewer messages are read whole.
const USUAL: usize = 1_000;

/// Stores what is new; returns every visit it adds to.
pub async fn keep(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    arrived: Vec<Arrived>,
) -> Result<BTreeSet<SpellId>, DbErr> {
    let ids: BTreeSet<SpellId> = arrived.iter().map(|one| one.spell.clone()).collect();
    let mut versions = versions(tx, &ids).await?;
    let (mut newer, mut changed) = (BTreeMap::new(), BTreeSet::new());
    for one in arrived {
        let key = (one.spell.clone(), key(&one.message));
        if versions.get(&key).is_none_or(|before| *before < one.version) {
            versions.insert(key.clone(), one.version);
            changed.insert(one.spell.clone());
            newer.insert(key, one);
        }
    }
    let rows = newer.into_iter().map(|((_, key), one)| row(keys, key, &one));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    for chunk in rows.chunks(CHUNK) {
        let update = OnConflict::columns([Column::Spell, Column::Content, Column::Event])
            .update_columns([Column::Version, Column::Sealed])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(changed)
}

/// The messages of these visits, and whether events of a visit were left out because it has too many.
pub async fn of_visits(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    visits: &BTreeSet<SpellId>,
) -> Result<HashMap<SpellId, (Vec<SpellMessage>, bool)>, DbErr> {
    let mut counts: HashMap<SpellId, usize> = HashMap::new();
    for (spell, _) in versions(tx, visits).await?.into_keys() {
        *counts.entry(spell).or_default() += 1;
    }
    let (large, usual): (Vec<&SpellId>, Vec<&SpellId>) =
        visits.iter().partition(|visit| counts.get(*visit).is_some_and(|count| *count > USUAL));
    let mut found: HashMap<SpellId, (Vec<SpellMessage>, bool)> = HashMap::new();
    for chunk in usual.chunks(CHUNK) {
        let ids = chunk.iter().map(|visit| visit.as_str());
        for row in Entity::find().filter(Column::Spell.is_in(ids)).all(tx).await? {
            let entry = found.entry(SpellId::new(row.spell.clone())).or_default();
            entry.0.extend(opened(keys, &row));
        }
    }
    for visit in large {
        let newest =
            || Entity::find().filter(Column::Spell.eq(visit.as_str())).order_by_desc(Column::Version);
        let update = format!("{:?}", SpellEvent::Update);
        let updates = newest().filter(Column::Event.eq(&update)).limit(MOST_UPDATES).all(tx).await?;
        let events = newest().filter(Column::Event.ne(&update)).limit(MOST_EVENTS).all(tx).await?;
        let is_cut = u64::try_from(events.len()).is_ok_and(|count| count == MOST_EVENTS);
        let rows = updates.iter().chain(&events);
        let messages = rows.filter_map(|row| opened(keys, row)).collect();
        found.insert(visit.clone(), (messages, is_cut));
    }
    Ok(found)
}

fn opened(keys: &DataKeys, row: &Model) -> Option<SpellMessage> {
    super::open(keys, &lives_at(&row.spell, &row.content), LIVES_AT, &row.sealed)
}

fn lives_at(spell: &str, content: &str) -> String {
    super::row_of(LIVES_AT, &[spell, content])
}

fn row(keys: &DataKeys, (content, event): Key, one: &Arrived) -> Result<ActiveModel, DbErr> {
    Ok(ActiveModel {
        spell: Set(one.spell.0.clone()),
        sealed: Set(super::seal(keys, &lives_at(&one.spell.0, &content), LIVES_AT, &one.message)?),
        content: Set(content),
        event: Set(event),
        version: Set(one.version),
    })
}

async fn versions(
    tx: &impl ConnectionTrait,
    visits: &BTreeSet<SpellId>,
) -> Result<HashMap<(SpellId, Key), i64>, DbErr> {
    let ids: Vec<&SpellId> = visits.iter().collect();
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows = Entity::find()
            .select_only()
            .columns([Column::Spell, Column::Content, Column::Event, Column::Version])
            .filter(Column::Spell.is_in(chunk.iter().map(|visit| visit.as_str())));
        let rows: Vec<(String, String, String, i64)> = rows.into_tuple().all(tx).await?;
        found.extend(
            rows.into_iter()
                .map(|(spell, content, event, version)| ((SpellId::new(spell), (content, event)), version)),
        );
    }
    Ok(found)
}

/// Those of these visits of which there is any message.
pub async fn known(
    db: &impl ConnectionTrait,
    visits: &BTreeSet<SpellId>,
) -> Result<BTreeSet<SpellId>, DbErr> {
    let ids: Vec<&SpellId> = visits.iter().collect();
    let mut found = BTreeSet::new();
    for chunk in ids.chunks(CHUNK) {
        let rows = Entity::find()
            .select_only()
            .column(Column::Spell)
            .distinct()
            .filter(Column::Spell.is_in(chunk.iter().map(|visit| visit.as_str())));
        let rows: Vec<String> = rows.into_tuple().all(db).await?;
        found.extend(rows.into_iter().map(SpellId));
    }
    Ok(found)
}
