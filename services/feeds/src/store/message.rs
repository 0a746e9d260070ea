//! The messages. A row is written once with its answer; a replay alone changes its outcome. Columns in the clear
//! name systems and messages, never people: the message itself is sealed.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "message")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Microseconds.
        pub received: i64,
        /// `mllp`, `http`, `fhir`.
        pub transport: String,
        /// The source it was taken for.
        pub source: Option<String>,
        pub organisation: Option<String>,
        /// The client that sent it over HTTP.
        pub client: Option<String>,
        /// MSH-3 and MSH-4.
        pub application: String,
        pub facility: String,
        pub kind: String,
        pub control_id: String,
        pub protocol_version: String,
        pub content: String,
        pub size: i64,
        pub status: String,
        /// AA, AE, AR; empty where nobody was answered.
        pub answer: String,
        pub outcome: String,
        pub place: Option<String>,
        pub events: i32,
        /// Set on the first of its kind that was accepted: source, control id and content.
        pub once: Option<String>,
        pub sealed: Option<String>,
        /// Whom and which stays a message names that waits or waited: sealed.
        pub about: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Message({})", self.id)
        }
    }
}

/// The status of a message that waits.
pub const DEAD_LETTER: &str = "dead-letter";

pub use entity::Model as Row;
use entity::{Column, Entity};

/// Whose messages may be listed.
#[derive(Debug, Clone)]
pub enum Scope {
    All,
    /// Those taken for this organisation's sources.
    Of(String),
    /// Those too, what this client sent itself, and those of the source that takes any sender.
    Client {
        organisation: String,
        client: String,
        open: Option<String>,
    },
}

/// Filters of the list.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub status: Option<String>,
    pub source: Option<String>,
    pub control_id: Option<String>,
    pub before: Option<Uuid>,
    pub limit: Option<u16>,
}

/// What is already there of a message that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Never,
    /// The same bytes under the same control id, accepted.
    Same,
    /// Other bytes under the same control id.
    ControlId,
}

pub async fn seen(tx: &impl ConnectionTrait, row: &Row) -> Result<Seen, DbErr> {
    let Some(once) = &row.once else { return Ok(Seen::Never) };
    if Entity::find().filter(Column::Once.eq(once)).one(tx).await?.is_some() {
        return Ok(Seen::Same);
    }
    let same_id = Entity::find()
        .filter(Column::ControlId.eq(&row.control_id))
        .filter(Column::Source.eq(row.source.clone()))
        .filter(Column::Once.is_not_null());
    Ok(if same_id.one(tx).await?.is_some() { Seen::ControlId } else { Seen::Never })
}

pub async fn keep(tx: &impl ConnectionTrait, row: Row) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx).await.map(|_| ())
}

/// A message of the scope, with its sealed content.
pub async fn get(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Option<Row>, DbErr> {
    within(Entity::find_by_id(id), scope).one(db).await
}

/// A page, newest first.
pub async fn page(db: &impl ConnectionTrait, scope: &Scope, query: &Query) -> Result<Vec<Row>, DbErr> {
    let limit = u64::from(query.limit.unwrap_or(50).clamp(1, 200));
    let mut find = within(Entity::find(), scope).order_by_desc(Column::Id).limit(limit);
    if let Some(before) = query.before {
        find = find.filter(Column::Id.lt(before));
    }
    let filters = [
        (Column::Status, &query.status),
        (Column::Source, &query.source),
        (Column::ControlId, &query.control_id),
    ];
    for (column, value) in filters {
        if let Some(value) = value {
            find = find.filter(column.eq(value));
        }
    }
    find.all(db).await
}

/// Which waiting messages a page has.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    pub source: Option<String>,
    pub outcome: Option<String>,
    pub after: Option<Uuid>,
    pub limit: u64,
}

/// A page of waiting messages, the oldest first.
pub async fn waiting_page(
    db: &impl ConnectionTrait,
    scope: &Scope,
    wanted: &Waiting,
) -> Result<Vec<Row>, DbErr> {
    let find = within(Entity::find(), scope).filter(Column::Status.eq(DEAD_LETTER));
    let find = match &wanted.source {
        Some(source) => find.filter(Column::Source.eq(source)),
        None => find,
    };
    let find = match &wanted.outcome {
        Some(outcome) => find.filter(Column::Outcome.eq(outcome)),
        None => find,
    };
    let find = match wanted.after {
        Some(after) => find.filter(Column::Id.gt(after)),
        None => find,
    };
    find.order_by_asc(Column::Id).limit(wanted.limit).all(db).await
}

/// How many messages wait: by source and outcome, with the time of the oldest.
pub async fn waiting_counts(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<(Option<String>, String, i64, i64)>, DbErr> {
    within(Entity::find(), scope)
        .filter(Column::Status.eq(DEAD_LETTER))
        .select_only()
        .column(Column::Source)
        .column(Column::Outcome)
        .column_as(Column::Id.count(), "many")
        .column_as(Column::Received.min(), "oldest")
        .group_by(Column::Source)
        .group_by(Column::Outcome)
        .order_by_asc(Column::Source)
        .order_by_asc(Column::Outcome)
        .into_tuple()
        .all(db)
        .await
}

/// How many wait to be read.
pub async fn waiting(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::Status.eq(DEAD_LETTER)).count(db).await
}

fn within(find: sea_orm::Select<Entity>, scope: &Scope) -> sea_orm::Select<Entity> {
    match scope {
        Scope::All => find,
        Scope::Of(organisation) => find.filter(Column::Organisation.eq(organisation)),
        Scope::Client { organisation, client, open } => {
            let own = sea_orm::Condition::any()
                .add(Column::Organisation.eq(organisation))
                .add(Column::Client.eq(client));
            find.filter(own.add_option(open.as_ref().map(|source| Column::Source.eq(source))))
        }
    }
}

/// Writes what came of a replay, if the message still has the status it was read with.
pub async fn settle(tx: &impl ConnectionTrait, was: &Row, now: &Row) -> Result<bool, DbErr> {
    let held = Entity::find_by_id(was.id).one(tx).await?;
    let Some(held) = held.filter(|held| held.status == was.status) else { return Ok(false) };
    let mut row = held.into_active_model();
    row.status = Set(now.status.clone());
    row.outcome = Set(now.outcome.clone());
    row.place = Set(now.place.clone());
    row.events = Set(now.events);
    row.about = Set(now.about.clone());
    row.update(tx).await.map(|_| true)
}

/// The newest message of an unknown sender that is to end: older than `before` (microseconds), or beyond the `most` newest.
pub async fn last_unknown_to_end(
    db: &impl ConnectionTrait,
    before: i64,
    most: u64,
) -> Result<Option<Uuid>, DbErr> {
    let unknown = || Entity::find().filter(Column::Source.is_null()).order_by_desc(Column::Id);
    let beyond = unknown().offset(most).one(db).await?;
    let old = unknown().filter(Column::Received.lt(before)).one(db).await?;
    Ok([beyond, old].into_iter().flatten().map(|row| row.id).max())
}

/// Ends the messages of unknown senders up to this one, of which ids follow time.
pub async fn end_unknown(tx: &impl ConnectionTrait, last: Uuid) -> Result<(), DbErr> {
    let ended = Entity::delete_many().filter(Column::Source.is_null()).filter(Column::Id.lte(last));
    ended.exec(tx).await.map(|_| ())
}
