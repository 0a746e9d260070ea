//! Machine clients with their public keys, and used assertions. An assertion must never be accepted twice.

mod assertions;

use jiff::{SignedDuration, Timestamp};
use lcr_model::OdsCode;
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set, entity::prelude::Expr,
    sea_query::OnConflict,
};

pub use lcr_contracts::registrar::Client as ClientSeed;

use super::registry::ManagedBy;

/// The use of a client is stored at most this often.
const USE_INTERVAL: SignedDuration = SignedDuration::from_secs(60);

/// The key set of a client that gets no more tokens.
pub const NO_KEYS: &str = r#"{"keys":[]}"#;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "client")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub name: String,
        pub org: String,
        pub role: String,
        pub scope: String,
        pub jwks: String,
        /// Roles for whom it may launch, separated by spaces.
        pub launch_roles: String,
        /// Origins that may frame what it launches, separated by spaces.
        pub frame_ancestors: String,
        /// Where it publishes its keys, instead of `jwks`. Empty: nowhere.
        pub jwks_url: String,
        /// The tokens that it gets in a minute; 0: the platform's default.
        pub per_minute: i32,
        /// Null: the platform's default.
        pub requests_per_minute: Option<i32>,
        pub suspended: bool,
        /// By the platform's administrators, who alone end it.
        pub suspended_by_platform: bool,
        /// Its organisation removed it. The row stays, because the log names the client by its id.
        pub removed: bool,
        /// Who keeps the row: `operator`, `seed` or `portal`.
        pub kept_by: String,
        /// Microseconds.
        pub last_used_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

pub use assertions::{MAX_DELETED_ROWS, record_first_use, used_assertion};

/// Stores a client, unless somebody else keeps a client of this id or another organisation has it. A change never lifts a
/// suspension. Returns whether it is stored.
pub async fn upsert(tx: &impl ConnectionTrait, by: ManagedBy, client: &ClientSeed) -> Result<bool, DbErr> {
    if Entity::find_by_id(&client.id).one(tx).await?.is_some_and(|stored| !by.may_write(&stored.kept_by)) {
        return Ok(false);
    }
    let row = ActiveModel {
        id: Set(client.id.clone()),
        name: Set(client.name.clone()),
        org: Set(client.org.0.clone()),
        role: Set(client.role.to_string()),
        scope: Set(client.scope.clone()),
        jwks: Set(client.jwks.to_string()),
        launch_roles: Set(client.launch_roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ")),
        frame_ancestors: Set(client.frame_ancestors.join(" ")),
        jwks_url: Set(client.jwks_url.clone().unwrap_or_default()),
        per_minute: Set(i32::try_from(client.per_minute).unwrap_or(i32::MAX)),
        requests_per_minute: Set(client.requests_per_minute.map(|number| i32::try_from(number).unwrap_or(i32::MAX))),
        suspended: Set(false),
        suspended_by_platform: Set(false),
        removed: Set(false),
        kept_by: Set(by.as_str().to_owned()),
        last_used_at: Set(None),
    };
    let update = OnConflict::column(Column::Id)
        .update_columns([Column::Name, Column::Role, Column::Scope, Column::Jwks])
        .update_columns([Column::LaunchRoles, Column::FrameAncestors])
        .update_columns([Column::JwksUrl, Column::PerMinute, Column::RequestsPerMinute, Column::KeptBy])
        // Two organisations may register the same id at the same moment in two replicas: the first has it.
        .action_and_where(Column::Org.eq(client.org.as_str()))
        .to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|rows| rows > 0)
}

/// The clients of an organisation that are not removed, by id.
pub async fn list(db: &impl ConnectionTrait, organisation: &OdsCode) -> Result<Vec<Model>, StoreError> {
    let rows = Entity::find().filter(Column::Org.eq(organisation.as_str())).filter(Column::Removed.eq(false));
    Ok(rows.order_by_asc(Column::Id).all(db).await?)
}

/// Stores whether a client is suspended, and whether the platform's administrators did it.
pub async fn set_suspended(
    tx: &impl ConnectionTrait,
    id: &str,
    (suspended, by_platform): (bool, bool),
) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::Suspended, Expr::value(suspended))
        .col_expr(Column::SuspendedByPlatform, Expr::value(by_platform));
    update.filter(Column::Id.eq(id)).exec(tx).await.map(|_| ())
}

/// Removes a client: it is suspended and has no keys.
pub async fn remove(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::Removed, Expr::value(true))
        .col_expr(Column::Suspended, Expr::value(true))
        .col_expr(Column::Jwks, Expr::value(NO_KEYS))
        .col_expr(Column::JwksUrl, Expr::value(""))
        // From now on no seed brings it back.
        .col_expr(Column::KeptBy, Expr::value(ManagedBy::Portal.as_str()));
    update.filter(Column::Id.eq(id)).exec(tx).await.map(|_| ())
}

/// Takes a removal back, with the client registered anew. A suspension by the platform's administrators stays.
pub async fn restore(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::Removed, Expr::value(false))
        .col_expr(Column::Suspended, Expr::col(Column::SuspendedByPlatform));
    update.filter(Column::Id.eq(id)).exec(tx).await.map(|_| ())
}

/// Suspends the clients of an organisation, whoever keeps them.
pub async fn suspend_of(tx: &impl ConnectionTrait, organisation: &OdsCode) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Suspended, Expr::value(true));
    update.filter(Column::Org.eq(organisation.as_str())).exec(tx).await.map(|_| ())
}

/// Stores when a client last got a token, at most once a minute.
pub async fn record_use(tx: &impl ConnectionTrait, id: &str, now: Timestamp) -> Result<(), DbErr> {
    let before = (now - USE_INTERVAL).as_microsecond();
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(now.as_microsecond()))
        .filter(Column::Id.eq(id))
        .filter(Condition::any().add(Column::LastUsedAt.is_null()).add(Column::LastUsedAt.lt(before)))
        .exec(tx)
        .await
        .map(|_| ())
}

pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(db).await?)
}
