//! The messages of each visit, sealed, as feeds parsed them. A message that feeds parsed again replaces its row; the same
//! bytes must never make two rows of one event.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lcr_contracts::spell::{SpellEvent, SpellMessage};
use lcr_model::{SpellId, seal::DataKeys};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::OnConflict,
};

use super::MAX_ROWS_PER_STATEMENT;

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

const TABLE_SEAL_CONTEXT: &str = "virtual-ward/message";

/// A message as received.
pub struct ReceivedMessage {
    pub spell: SpellId,
    /// When feeds committed it, in microseconds.
    pub version: i64,
    pub message: SpellMessage,
}

type Key = (String, String);

fn key(message: &SpellMessage) -> Key {
    (message.content.clone(), message.event.key().to_owned())
}

/// Only so many updates of a visit are folded. A sender that writes one visit number for everybody must not make each
/// message cost the whole history.
const MAX_UPDATES: u64 = 1_000;
/// Only so many other messages of a visit are folded. No real stay has as many.
const MAX_EVENTS: u64 = 3_000;
/// Visits with up to this many messages are read whole.
const SMALL_VISIT: i64 = 1_000;

/// Stores new messages. Returns their visits.
pub async fn save_new(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    arrived: Vec<ReceivedMessage>,
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
    let rows = newer.into_iter().map(|((_, key), one)| to_row(keys, key, &one));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    for chunk in rows.chunks(MAX_ROWS_PER_STATEMENT) {
        let update = OnConflict::columns([Column::Spell, Column::Content, Column::Event])
            .update_columns([Column::Version, Column::Sealed])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(changed)
}

/// The messages of each visit, and whether events were left out because there are too many.
pub async fn find_by_visits(
    tx: &impl ConnectionTrait,
    keys: &DataKeys,
    visits: &BTreeSet<SpellId>,
) -> Result<HashMap<SpellId, (Vec<SpellMessage>, bool)>, DbErr> {
    let large = large_visits(tx, visits).await?;
    let (large, small): (Vec<&SpellId>, Vec<&SpellId>) = visits.iter().partition(|visit| large.contains(*visit));
    let mut found: HashMap<SpellId, (Vec<SpellMessage>, bool)> = HashMap::new();
    for chunk in small.chunks(MAX_ROWS_PER_STATEMENT) {
        let ids = chunk.iter().map(|visit| visit.as_str());
        for row in Entity::find().filter(Column::Spell.is_in(ids)).all(tx).await? {
            let entry = found.entry(SpellId::new(row.spell.clone())).or_default();
            entry.0.extend(open_message(keys, &row));
        }
    }
    for visit in large {
        let newest = || Entity::find().filter(Column::Spell.eq(visit.as_str())).order_by_desc(Column::Version);
        let update = SpellEvent::Update.key();
        let updates = newest().filter(Column::Event.eq(update)).limit(MAX_UPDATES).all(tx).await?;
        let events = newest().filter(Column::Event.ne(update)).limit(MAX_EVENTS).all(tx).await?;
        let is_cut = u64::try_from(events.len()).is_ok_and(|count| count == MAX_EVENTS);
        let rows = updates.iter().chain(&events);
        let messages = rows.filter_map(|row| open_message(keys, row)).collect();
        found.insert(visit.clone(), (messages, is_cut));
    }
    Ok(found)
}

/// The visits that have more messages than are read whole.
async fn large_visits(tx: &impl ConnectionTrait, visits: &BTreeSet<SpellId>) -> Result<BTreeSet<SpellId>, DbErr> {
    let ids: Vec<&SpellId> = visits.iter().collect();
    let mut large = BTreeSet::new();
    for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        let counts: Vec<(String, i64)> = Entity::find()
            .select_only()
            .column(Column::Spell)
            .column_as(Column::Content.count(), "messages")
            .filter(Column::Spell.is_in(chunk.iter().map(|visit| visit.as_str())))
            .group_by(Column::Spell)
            .into_tuple()
            .all(tx)
            .await?;
        large.extend(counts.into_iter().filter(|(_, count)| *count > SMALL_VISIT).map(|(spell, _)| SpellId(spell)));
    }
    Ok(large)
}

fn open_message(keys: &DataKeys, row: &Model) -> Option<SpellMessage> {
    super::open(keys, &seal_context(&row.spell, &row.content), TABLE_SEAL_CONTEXT, &row.sealed)
}

fn seal_context(spell: &str, content: &str) -> String {
    super::row_seal_context(TABLE_SEAL_CONTEXT, &[spell, content])
}

fn to_row(keys: &DataKeys, (content, event): Key, one: &ReceivedMessage) -> Result<ActiveModel, DbErr> {
    Ok(ActiveModel {
        spell: Set(one.spell.0.clone()),
        sealed: Set(super::seal(keys, &seal_context(&one.spell.0, &content), TABLE_SEAL_CONTEXT, &one.message)?),
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
    for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        let rows = Entity::find()
            .select_only()
            .columns([Column::Spell, Column::Content, Column::Event, Column::Version])
            .filter(Column::Spell.is_in(chunk.iter().map(|visit| visit.as_str())));
        let rows: Vec<(String, String, String, i64)> = rows.into_tuple().all(tx).await?;
        found.extend(
            rows.into_iter().map(|(spell, content, event, version)| ((SpellId::new(spell), (content, event)), version)),
        );
    }
    Ok(found)
}

/// The visits among these that have any message.
pub async fn visits_with_messages(
    db: &impl ConnectionTrait,
    visits: &BTreeSet<SpellId>,
) -> Result<BTreeSet<SpellId>, DbErr> {
    let ids: Vec<&SpellId> = visits.iter().collect();
    let mut found = BTreeSet::new();
    for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
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
