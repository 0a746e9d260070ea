//! Messages that feeds could not parse yet, by the people and visits they name. A row about either carries a warning. No
//! content of a message may be stored here.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use lcr_contracts::events::MessageWaits;
use lcr_model::{SourceId, SourceIdentity, SpellId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{MAX_ROWS_PER_STATEMENT, message};

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

/// The visits and patient numbers that a message is about.
fn subjects(notice: &MessageWaits) -> BTreeSet<String> {
    let visits = notice.stays.iter().map(|visit| format!("{VISIT_PREFIX}{visit}"));
    visits.chain(notice.identities.iter().map(|id| format!("{NUMBER_PREFIX}{}", id.0))).collect()
}

const VISIT_PREFIX: &str = "visit/";
const NUMBER_PREFIX: &str = "number/";

/// Stores the newest notice about each message. Returns whether anything changed.
pub async fn save_newest(tx: &impl ConnectionTrait, notices: &[MessageWaits]) -> Result<bool, DbErr> {
    let mut newest: HashMap<Uuid, &MessageWaits> = HashMap::new();
    for notice in notices {
        let entry = newest.entry(notice.message).or_insert(notice);
        if entry.version < notice.version {
            *entry = notice;
        }
    }
    let ids: Vec<Uuid> = newest.keys().copied().collect();
    for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        let stored = Entity::find().filter(Column::Message.is_in(chunk.iter().copied())).all(tx).await?;
        for row in stored {
            if newest.get(&row.message).is_some_and(|notice| notice.version <= row.version) {
                newest.remove(&row.message);
            }
        }
    }
    let ids: Vec<Uuid> = newest.keys().copied().collect();
    for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
        // The newest notice may name other subjects than the one before.
        let clear = Entity::update_many()
            .col_expr(Column::Waits, Expr::value(false))
            .filter(Column::Message.is_in(chunk.iter().copied()));
        clear.exec(tx).await?;
    }
    let rows: Vec<ActiveModel> =
        newest.values().flat_map(|notice| subjects(notice).into_iter().map(|about| to_row(notice, about))).collect();
    for chunk in rows.chunks(MAX_ROWS_PER_STATEMENT) {
        let update = OnConflict::columns([Column::Message, Column::About])
            .update_columns([Column::Waits, Column::Version])
            .to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(!rows.is_empty())
}

fn to_row(notice: &MessageWaits, about: String) -> ActiveModel {
    ActiveModel {
        message: Set(notice.message),
        about: Set(about),
        source: Set(notice.source.0.clone()),
        received: Set(notice.received.as_microsecond()),
        waits: Set(notice.waits),
        version: Set(notice.version),
    }
}

#[derive(Debug)]
struct WaitingMessage {
    source: SourceId,
    received: Timestamp,
    visits: BTreeSet<SpellId>,
    numbers: BTreeSet<String>,
}

/// The waiting messages of some sources.
#[derive(Debug, Default)]
pub struct WaitingMessages {
    messages: Vec<WaitingMessage>,
    /// The visits among their subjects that have other messages.
    known_visits: BTreeSet<SpellId>,
}

impl WaitingMessages {
    /// When the oldest waiting message about this visit was received.
    pub fn oldest_about_visit(&self, source: &SourceId, numbers: &BTreeSet<SpellId>) -> Option<Timestamp> {
        let is_about = |one: &&WaitingMessage| one.source == *source && !one.visits.is_disjoint(numbers);
        self.messages.iter().filter(is_about).map(|one| one.received).min()
    }

    /// When the oldest waiting message about this patient was received that names no known visit.
    pub fn oldest_about_patient(&self, identity: &SourceIdentity) -> Option<Timestamp> {
        let is_about = |one: &&WaitingMessage| {
            one.source == identity.source
                && one.numbers.contains(&identity.local_id.0)
                && one.visits.is_disjoint(&self.known_visits)
        };
        self.messages.iter().filter(is_about).map(|one| one.received).min()
    }
}

/// Loads all waiting messages of these sources. They are few: a data steward works through them.
pub async fn load<'s>(
    db: &impl ConnectionTrait,
    sources: impl IntoIterator<Item = &'s SourceId>,
) -> Result<WaitingMessages, DbErr> {
    let sources = sources.into_iter().map(SourceId::as_str);
    let rows = Entity::find().filter(Column::Waits.eq(true)).filter(Column::Source.is_in(sources)).all(db).await?;
    let mut messages: HashMap<Uuid, WaitingMessage> = HashMap::new();
    for row in rows {
        let message = messages.entry(row.message).or_insert_with(|| WaitingMessage {
            source: SourceId(row.source),
            received: Timestamp::from_microsecond(row.received).unwrap_or_default(),
            visits: BTreeSet::new(),
            numbers: BTreeSet::new(),
        });
        if let Some(visit) = row.about.strip_prefix(VISIT_PREFIX) {
            message.visits.insert(SpellId::new(visit));
        } else if let Some(number) = row.about.strip_prefix(NUMBER_PREFIX) {
            message.numbers.insert(number.to_owned());
        }
    }
    let messages: Vec<WaitingMessage> = messages.into_values().collect();
    let visits: BTreeSet<SpellId> = messages.iter().flat_map(|one| one.visits.clone()).collect();
    Ok(WaitingMessages { known_visits: message::visits_with_messages(db, &visits).await?, messages })
}
