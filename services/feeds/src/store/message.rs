//! The message table. A row is written once with its answer; only a replay changes its outcome. Unsealed columns name
//! systems and messages and must never name a person.

use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
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
        /// The source that the message was accepted for.
        pub source: Option<String>,
        pub organisation: Option<String>,
        /// The client that sent it over HTTP.
        pub client: Option<String>,
        /// MSH-3.
        pub application: String,
        /// MSH-4.
        pub facility: String,
        pub kind: String,
        pub control_id: String,
        pub protocol_version: String,
        pub content: String,
        pub size: i64,
        pub status: String,
        /// AA, AE or AR; empty if no acknowledgement was sent.
        pub answer: String,
        pub outcome: String,
        pub place: Option<String>,
        pub events: i32,
        /// Digest of source, control id and content, set on the first accepted copy. Finds duplicates.
        pub once: Option<String>,
        pub sealed: Option<String>,
        /// The people and stays that a waiting message names, sealed.
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
/// Rows per statement. A row has 21 values, and a statement of `SQLite` takes 32,766.
const BATCH_SIZE: usize = 200;

pub use entity::Model as Row;
use entity::{Column, Entity};

/// Which messages may be listed.
#[derive(Debug, Clone)]
pub enum Scope {
    All,
    /// Messages of this organisation's sources.
    Organisation(String),
    /// Messages of the organisation's sources, of the client itself, and of the source that accepts any sender.
    Client {
        organisation: String,
        client: String,
        open_source: Option<String>,
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

/// Adds the messages of a set.
pub async fn insert_all(tx: &impl ConnectionTrait, rows: Vec<Row>) -> Result<(), DbErr> {
    let mut models = rows.into_iter().map(|row| row.into_active_model().reset_all());
    loop {
        let chunk: Vec<entity::ActiveModel> = models.by_ref().take(BATCH_SIZE).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        Entity::insert_many(chunk).exec_without_returning(tx).await?;
    }
}

/// A message within the scope, with its sealed content.
pub async fn get(db: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Option<Row>, StoreError> {
    Ok(filter_by_scope(Entity::find_by_id(id), scope).one(db).await?)
}

/// A page of messages, newest first.
pub async fn list(db: &impl ConnectionTrait, scope: &Scope, query: &Query) -> Result<Vec<Row>, StoreError> {
    let limit = u64::from(query.limit.unwrap_or(50).clamp(1, 200));
    let mut find = filter_by_scope(Entity::find(), scope).order_by_desc(Column::Id).limit(limit);
    if let Some(before) = query.before {
        find = find.filter(Column::Id.lt(before));
    }
    let filters =
        [(Column::Status, &query.status), (Column::Source, &query.source), (Column::ControlId, &query.control_id)];
    for (column, value) in filters {
        if let Some(value) = value {
            find = find.filter(column.eq(value));
        }
    }
    Ok(find.all(db).await?)
}

/// Filters of the list of waiting messages.
#[derive(Debug, Clone, Default)]
pub struct WaitingFilter {
    pub source: Option<String>,
    pub outcome: Option<String>,
    pub after: Option<Uuid>,
    pub limit: u64,
}

/// A page of waiting messages, oldest first.
pub async fn list_waiting(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WaitingFilter,
) -> Result<Vec<Row>, StoreError> {
    let find = filter_by_scope(Entity::find(), scope).filter(Column::Status.eq(DEAD_LETTER));
    let find = match &filter.source {
        Some(source) => find.filter(Column::Source.eq(source)),
        None => find,
    };
    let find = match &filter.outcome {
        Some(outcome) => find.filter(Column::Outcome.eq(outcome)),
        None => find,
    };
    let find = match filter.after {
        Some(after) => find.filter(Column::Id.gt(after)),
        None => find,
    };
    Ok(find.order_by_asc(Column::Id).limit(filter.limit).all(db).await?)
}

/// The number of waiting messages by source and outcome, with the time of the oldest.
pub async fn count_waiting_by_reason(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Vec<(Option<String>, String, i64, i64)>, StoreError> {
    Ok(filter_by_scope(Entity::find(), scope)
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
        .await?)
}

/// The number of waiting messages.
pub async fn count_waiting(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().filter(Column::Status.eq(DEAD_LETTER)).count(db).await
}

fn filter_by_scope(find: sea_orm::Select<Entity>, scope: &Scope) -> sea_orm::Select<Entity> {
    match scope {
        Scope::All => find,
        Scope::Organisation(organisation) => find.filter(Column::Organisation.eq(organisation)),
        Scope::Client { organisation, client, open_source } => {
            let own =
                sea_orm::Condition::any().add(Column::Organisation.eq(organisation)).add(Column::Client.eq(client));
            find.filter(own.add_option(open_source.as_ref().map(|source| Column::Source.eq(source))))
        }
    }
}

/// Stores the result of a replay. Returns false if another replay has changed the status since `before` was read.
pub async fn update_after_replay(tx: &impl ConnectionTrait, before: &Row, after: &Row) -> Result<bool, DbErr> {
    let stored = Entity::find_by_id(before.id).one(tx).await?;
    let Some(stored) = stored.filter(|stored| stored.status == before.status) else { return Ok(false) };
    let mut row = stored.into_active_model();
    row.status = Set(after.status.clone());
    row.outcome = Set(after.outcome.clone());
    row.place = Set(after.place.clone());
    row.events = Set(after.events);
    row.about = Set(after.about.clone());
    row.update(tx).await.map(|_| true)
}

/// The newest expired message of an unknown sender: older than `before` (microseconds), or not among the `max` newest.
pub async fn find_last_expired_unknown(
    db: &impl ConnectionTrait,
    before: i64,
    max: u64,
) -> Result<Option<Uuid>, DbErr> {
    let unknown = || Entity::find().filter(Column::Source.is_null()).order_by_desc(Column::Id);
    let beyond = unknown().offset(max).one(db).await?;
    let old = unknown().filter(Column::Received.lt(before)).one(db).await?;
    Ok([beyond, old].into_iter().flatten().map(|row| row.id).max())
}

/// Deletes the messages of unknown senders up to this id. Message ids increase with time.
pub async fn delete_unknown_up_to(tx: &impl ConnectionTrait, last: Uuid) -> Result<(), DbErr> {
    let deletion = Entity::delete_many().filter(Column::Source.is_null()).filter(Column::Id.lte(last));
    deletion.exec(tx).await.map(|_| ())
}
