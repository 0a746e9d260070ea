//! Which signed-in patient is which person: a projection of the index's events in consent and audit. Delivery is
//! unordered, so each person's claim has its own version. While two people claim a sign-in it must belong to neither.

use std::fmt;

use lcr_contracts::events::{LOGIN_SOURCE, PersonChanged};
use lcr_model::{PersonId, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set,
    entity::prelude::Expr,
    sea_query::{ColumnDef, Index, OnConflict, Table},
};
use serde::{Deserialize, Serialize};

use crate::StoreError;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "login")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
        pub version: i64,
        /// False once the person no longer has this sign-in.
        pub holds: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Creates the table, in a consumer's migration.
pub async fn create(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(Entity)
        .if_not_exists()
        .col(ColumnDef::new(Column::User).string().not_null())
        .col(ColumnDef::new(Column::Person).uuid().not_null())
        .col(ColumnDef::new(Column::Version).big_integer().not_null())
        .col(ColumnDef::new(Column::Holds).boolean().not_null())
        .primary_key(Index::create().col(Column::User).col(Column::Person));
    connection.execute(&table).await?;
    let mut index = Index::create();
    index.name("login_person").if_not_exists().table(Entity).col(Column::Person);
    connection.execute(&index).await.map(|_| ())
}

/// A sign-in that a person gained or lost.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Claim {
    pub user: String,
    pub person: PersonId,
    pub version: i64,
    pub holds: bool,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claim")
    }
}

/// Applies the index's changes. Most people have no sign-in and cost one read per batch. Returns what changed.
pub async fn keep(tx: &impl ConnectionTrait, changes: &[PersonChanged]) -> Result<Vec<Claim>, DbErr> {
    let mut changed = Vec::new();
    let changes = newest(changes);
    let people = changes.iter().map(|change| change.person.0);
    let rows = Entity::find().filter(Column::Person.is_in(people)).all(tx).await?;
    for change in changes {
        let now: Vec<&str> = logins(change).collect();
        for old in rows.iter().filter(|row| row.person == change.person.0 && row.version < change.version) {
            if !now.contains(&old.user.as_str()) {
                release(tx, old, change.version).await?;
                changed.push(Claim { version: change.version, holds: false, ..of_row(old) });
            }
        }
        for user in now {
            changed.extend(claim(tx, user, change, &rows).await?);
        }
    }
    Ok(changed)
}

/// All rows, ordered by sign-in and person.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Claim>, DbErr> {
    let mut rows: Vec<Claim> = Entity::find().all(db).await?.iter().map(of_row).collect();
    rows.sort();
    Ok(rows)
}

fn of_row(row: &entity::Model) -> Claim {
    Claim { user: row.user.clone(), person: PersonId(row.person), version: row.version, holds: row.holds }
}

/// The newest change of each person, in the order of first mention.
fn newest(changes: &[PersonChanged]) -> Vec<&PersonChanged> {
    let mut newest: Vec<&PersonChanged> = Vec::new();
    for change in changes {
        match newest.iter_mut().find(|rows| rows.person == change.person) {
            Some(rows) if rows.version < change.version => *rows = change,
            Some(_) => {}
            None => newest.push(change),
        }
    }
    newest
}

fn logins(change: &PersonChanged) -> impl Iterator<Item = &str> {
    let ours = change.identities.iter().filter(|one| one.source.as_str() == LOGIN_SOURCE);
    ours.map(|one| one.local_id.0.as_str())
}

async fn release(tx: &impl ConnectionTrait, row: &entity::Model, version: i64) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Holds, Expr::value(false))
        .col_expr(Column::Version, Expr::value(version))
        .filter(Column::User.eq(row.user.as_str()))
        .filter(Column::Person.eq(row.person))
        .filter(Column::Version.lt(version))
        .exec(tx)
        .await
        .map(|_| ())
}

async fn claim(
    tx: &impl ConnectionTrait,
    user: &str,
    change: &PersonChanged,
    rows: &[entity::Model],
) -> Result<Option<Claim>, DbErr> {
    let newer =
        |row: &entity::Model| row.user == user && row.person == change.person.0 && row.version >= change.version;
    if rows.iter().any(newer) {
        return Ok(None);
    }
    let row = ActiveModel {
        user: Set(user.to_owned()),
        person: Set(change.person.0),
        version: Set(change.version),
        holds: Set(true),
    };
    let again =
        OnConflict::columns([Column::User, Column::Person]).update_columns([Column::Version, Column::Holds]).to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    let user = user.to_owned();
    Ok(Some(Claim { user, person: change.person, version: change.version, holds: true }))
}

/// Whether these changes concern a person with a sign-in. Most do not and need no write.
pub async fn concerns(db: &impl ConnectionTrait, changes: &[PersonChanged]) -> Result<bool, DbErr> {
    if changes.iter().any(|change| logins(change).next().is_some()) {
        return Ok(true);
    }
    let people = changes.iter().map(|change| change.person.0);
    Ok(Entity::find().filter(Column::Person.is_in(people)).one(db).await?.is_some())
}

/// The person of a signed-in patient. `None` while two people claim the sign-in.
pub async fn of(db: &impl ConnectionTrait, user: &UserId) -> Result<Option<PersonId>, StoreError> {
    let claims = Entity::find().filter(Column::User.eq(user.as_str())).filter(Column::Holds.eq(true));
    let rows = claims.all(db).await?;
    Ok(if let [one] = rows.as_slice() { Some(PersonId(one.person)) } else { None })
}
