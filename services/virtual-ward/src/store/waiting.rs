//! Messages that feeds could not read yet, by the people and visits that they name: a row about either says so.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::events::MessageWaits;
use lcr_model::{SourceId, SourceIdentity, SpellId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{CHUNK, message};

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

/// What a message is about: visits, and numbers of people.
fn about(one: &MessageWaits) -> BTreeSet<String> {
    let visits = one.stays.iter().map(|visit| format!("{VISIT}{visit}"));
    visits.chain(one.identities.iter().map(|id| format!("{NUMBER}{}", id.0))).collect()
}

const VISIT: &str = "visit/";
const NUMBER: &str = "number/";

/// Stores the newest word on each message. Returns whether anything changed.
pub async fn keep(tx: &impl ConnectionTrait, arrived: &[MessageWaits]) -> Result<bool, DbErr> {
    let mut newest: HashMap<Uuid, &MessageWaits> = HashMap::new();
    for one in arrived {
        let held = newest.entry(one.message).or_insert(one);
        if held.version < one.version {
            *held = one;
        }
    }
    let ids: Vec<Uuid> = newest.keys().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        let held = Entity::find().filter(Column::Message.is_in(chunk.iter().copied())).all(tx).await?;
        for row in held {
            if newest.get(&row.message).is_some_and(|one| one.version <= row.version) {
                newest.remove(&row.message);
            }
        }
    }
    let ids: Vec<Uuid> = newest.keys().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        // What it was about before may not be what it is about now.
        let settled = Entity::update_many()
            .col_expr(Column::Waits, Expr::value(false))
            .filter(Column::Message.is_in(chunk.iter().copied()));
        settled.exec(tx).await?;
    }
    let rows: Vec<ActiveModel> =
        newest.values().flat_map(|one| about(one).into_iter().map(|about| row(one, about))).collect();
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

/// One message that waits.
#[derive(Debug)]
struct One {
    source: SourceId,
    received: Timestamp,
    visits: BTreeSet<SpellId>,
    numbers: BTreeSet<String>,
}

/// The messages that wait, to be asked about stays.
#[derive(Debug, Default)]
pub struct Waiting {
    messages: Vec<One>,
    /// Visits of which anything is known here.
    known: BTreeSet<SpellId>,
}

impl Waiting {
    /// Since when a message that names this visit waits: the oldest.
    pub fn about_visit(&self, source: &SourceId, numbers: &BTreeSet<SpellId>) -> Option<Timestamp> {
        let of = |one: &&One| one.source == *source && !one.visits.is_disjoint(numbers);
        self.messages.iter().filter(of).map(|one| one.received).min()
    }

    /// Since when a message about this person waits that names no visit, or none that is known here.
    pub fn about_number(&self, identity: &SourceIdentity) -> Option<Timestamp> {
        let of = |one: &&One| {
            one.source == identity.source
                && one.numbers.contains(&identity.local_id.0)
                && one.visits.is_disjoint(&self.known)
        };
        self.messages.iter().filter(of).map(|one| one.received).min()
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
    let mut messages: HashMap<Uuid, One> = HashMap::new();
    for row in rows {
        let one = messages.entry(row.message).or_insert_with(|| One {
            source: SourceId(row.source),
            received: Timestamp::from_microsecond(row.received).unwrap_or_default(),
            visits: BTreeSet::new(),
            numbers: BTreeSet::new(),
        });
        if let Some(visit) = row.about.strip_prefix(VISIT) {
            one.visits.insert(SpellId::new(visit));
        } else if let Some(number) = row.about.strip_prefix(NUMBER) {
            one.numbers.insert(number.to_owned());
        }
    }
    let messages: Vec<One> = messages.into_values().collect();
    let visits: BTreeSet<SpellId> = messages.iter().flat_map(|one| one.visits.clone()).collect();
    Ok(Waiting { known: message::known(db, &visits).await?, messages })
}
