//! Messages that feeds could not read yet, by the people and visits that they name: a row about either says so.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::events::MessageWaits;
use lcr_model::{SourceId, SourceIdentity, SpellId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};
use uuid::Uuid;

use super::CHUNK;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "waiting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub message: Uuid,
        /// `visit/<id>` or `number/<local id>`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub about: String,
        pub source: String,
        /// Microseconds.
        pub received: i64,
        pub waits: bool,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// What a message is about.
fn about(one: &MessageWaits) -> BTreeSet<String> {
    let visits = one.stays.iter().map(|visit| format!("visit/{visit}"));
    // A message that names its visit concerns that stay alone.
    let numbers = one.identities.iter().filter(|_| one.stays.is_empty());
    visits.chain(numbers.map(|id| format!("number/{}", id.0))).collect()
}

/// Stores the newest word on each message. Returns whether anything changed.
pub async fn keep(tx: &impl ConnectionTrait, arrived: &[MessageWaits]) -> Result<bool, DbErr> {
    let mut newest: HashMap<Uuid, &MessageWaits> = HashMap::new();
    for one in arrived {
        let held = newest.entry(one.message).or_insert(one);
        if held.version < one.version {
            *held = one;
        }
    }
    let mut rows = vec![];
    for one in newest.values() {
        let held = Entity::find().filter(Column::Message.eq(one.message)).all(tx).await?;
        if held.iter().any(|row| row.version >= one.version) {
            continue;
        }
        rows.extend(about(one).into_iter().map(|about| row(one, about)));
    }
    for chunk in rows.chunks(CHUNK) {
        let update = OnConflict::columns([Column::Message, Column::About])
            .update_columns([Column::Waits, Column::Version])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(!rows.is_empty())
}

fn row(one: &MessageWaits, about: String) -> ActiveModel {
    ActiveModel {
        message: Set(one.message),
        about: Set(about),
        source: Set(one.source.0.clone()),
        received: Set(one.received.as_microsecond()),
        waits: Set(one.waits),
        version: Set(one.version),
    }
}

/// Since when a message about these visits and numbers waits: the oldest of each.
#[derive(Debug, Default)]
pub struct Waiting {
    since: HashMap<(SourceId, String), Timestamp>,
}

impl Waiting {
    pub fn about_visits<'v>(
        &self,
        source: &SourceId,
        visits: impl IntoIterator<Item = &'v SpellId>,
    ) -> Option<Timestamp> {
        let since = |visit: &SpellId| self.since.get(&(source.clone(), format!("visit/{visit}")));
        visits.into_iter().filter_map(since).min().copied()
    }

    pub fn about_number(&self, identity: &SourceIdentity) -> Option<Timestamp> {
        self.since.get(&(identity.source.clone(), format!("number/{}", identity.local_id.0))).copied()
    }
}

/// All messages of these sources that wait. They are few: somebody looks after them.
pub async fn all<'s>(
    db: &impl ConnectionTrait,
    sources: impl IntoIterator<Item = &'s SourceId>,
) -> Result<Waiting, DbErr> {
    let sources = sources.into_iter().map(SourceId::as_str);
    let rows =
        Entity::find().filter(Column::Waits.eq(true)).filter(Column::Source.is_in(sources)).all(db).await?;
    let mut waiting = Waiting::default();
    for row in rows {
        let Ok(received) = Timestamp::from_microsecond(row.received) else { continue };
        let since = waiting.since.entry((SourceId(row.source), row.about)).or_insert(received);
        *since = (*since).min(received);
    }
    Ok(waiting)
}
