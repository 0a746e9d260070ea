//! Objections, whom and which identities each covers, and their history. Rows are added and their standing moves
//! on; what covers a person or an identity is never taken away, so that a merge and its undoing both keep it.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::choices::{ChoiceStatus, Direction};
use lcr_model::{OdsCode, PersonId, SourceId, SourceIdentity};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Set, sea_query::OnConflict,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

pub mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "choice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person: Uuid,
        /// The choice it was inherited from, over any number of steps; its own id when it was made.
        pub origin: Uuid,
        pub direction: String,
        pub organisation: Option<String>,
        pub status: String,
        /// Who made it: the user, and the words for the page.
        pub by_user: String,
        pub by_words: String,
        /// Sealed for `consent/choice/<id>/reason`; nobody reads it here.
        pub reason: Option<String>,
        /// As the version before writes and shows it: unsealed. Nothing is written here any more.
        pub review: Option<String>,
        pub made_at: i64,
        pub changed_at: i64,
        pub version: i64,
        /// Sealed for `consent/choice/<id>/review`: a review's words, or why somebody else withdrew it. The version before
        /// does not know this column, and shows no words where they are here.
        pub review_sealed: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The identities (`identity/<source>|<local id>`) whose people inherit a choice.
pub mod cover {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "choice_cover")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub choice: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use row::Model as ChoiceRow;

impl ChoiceRow {
    pub fn status(&self) -> Result<ChoiceStatus, DbErr> {
        from_name(&self.status)
    }

    pub fn direction(&self) -> Result<Direction, DbErr> {
        from_name(&self.direction)
    }

    pub fn organisation(&self) -> Option<OdsCode> {
        self.organisation.clone().map(OdsCode)
    }
}

pub fn from_name<T: DeserializeOwned>(name: &str) -> Result<T, DbErr> {
    serde_json::from_value(name.into()).map_err(|e| DbErr::Json(e.to_string()))
}

pub fn to_name<T: Serialize>(value: &T) -> Result<String, DbErr> {
    let value = serde_json::to_value(value).map_err(|e| DbErr::Json(e.to_string()))?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

pub fn identity_key(identity: &SourceIdentity) -> String {
    format!("identity/{}|{}", identity.source, identity.local_id.0)
}

/// Whether an identity's key is of this source.
pub fn is_of(key: &str, source: &SourceId) -> bool {
    let rest = key.strip_prefix("identity/").and_then(|rest| rest.strip_prefix(source.as_str()));
    rest.is_some_and(|rest| rest.starts_with('|'))
}

/// Whether anybody has made any choice: most questions end here.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(row::Entity::find().limit(1).one(db).await?.is_some())
}

/// The choices of these people, each person's own.
pub async fn of_people(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, Vec<ChoiceRow>>, DbErr> {
    let ids = people.iter().map(|person| person.0);
    let mut found: HashMap<PersonId, Vec<ChoiceRow>> = HashMap::new();
    for row in row::Entity::find().filter(row::Column::Person.is_in(ids)).all(db).await? {
        found.entry(PersonId(row.person)).or_default().push(row);
    }
    Ok(found)
}

/// The choices behind each of these keys.
pub async fn behind(
    db: &impl ConnectionTrait,
    keys: &[String],
) -> Result<HashMap<String, Vec<ChoiceRow>>, DbErr> {
    let mut links: Vec<cover::Model> = Vec::new();
    for chunk in keys.chunks(500) {
        let held = cover::Entity::find().filter(cover::Column::Key.is_in(chunk.iter().cloned()));
        links.extend(held.all(db).await?);
    }
    if links.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = links.iter().map(|link| link.choice);
    let rows = row::Entity::find().filter(row::Column::Id.is_in(ids)).all(db).await?;
    let rows: HashMap<Uuid, ChoiceRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut found: HashMap<String, Vec<ChoiceRow>> = HashMap::new();
    for link in links {
        if let Some(row) = rows.get(&link.choice) {
            found.entry(link.key).or_default().push(row.clone());
        }
    }
    Ok(found)
}

/// A person's choices, newest first.
pub async fn of_person(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<ChoiceRow>, DbErr> {
    row::Entity::find()
        .filter(row::Column::Person.eq(person.0))
        .order_by_desc(row::Column::MadeAt)
        .all(db)
        .await
}

pub async fn insert(tx: &impl ConnectionTrait, row: ChoiceRow, keys: &[String]) -> Result<(), DbErr> {
    let id = row.id;
    let active: row::ActiveModel = row.into();
    row::Entity::insert(active.reset_all()).exec_without_returning(tx).await?;
    widen(tx, id, keys).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<ChoiceRow>, DbErr> {
    row::Entity::find_by_id(id).one(db).await
}

/// It stands as `row` says from now on.
pub async fn replace(tx: &impl ConnectionTrait, row: ChoiceRow) -> Result<(), DbErr> {
    let active: row::ActiveModel = row.into();
    row::Entity::update(active.reset_all()).exec(tx).await.map(|_| ())
}

/// Lets a choice cover these too.
pub async fn widen(tx: &impl ConnectionTrait, choice: Uuid, keys: &[String]) -> Result<(), DbErr> {
    for chunk in keys.chunks(200) {
        let rows = chunk.iter().map(|key| cover::ActiveModel { key: Set(key.clone()), choice: Set(choice) });
        let known = OnConflict::columns([cover::Column::Key, cover::Column::Choice]).do_nothing().to_owned();
        cover::Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Moves a choice on, with the sealed words of a review.
pub async fn move_on(
    tx: &impl ConnectionTrait,
    row: &ChoiceRow,
    status: ChoiceStatus,
    review: Option<String>,
    now: Timestamp,
) -> Result<ChoiceRow, DbErr> {
    // Moved by somebody else since it was read: what they were told stands.
    let held = row::Entity::find_by_id(row.id).one(tx).await?;
    if held.is_none_or(|held| held.version != row.version) {
        return Err(DbErr::Custom("the choice was changed meanwhile".into()));
    }
    let moved = ChoiceRow {
        status: to_name(&status)?,
        // Words of the version before go with those that take their place.
        review: row.review.clone().filter(|_| review.is_none()),
        review_sealed: review.or_else(|| row.review_sealed.clone()),
        changed_at: now.as_microsecond(),
        version: row.version + 1,
        ..row.clone()
    };
    replace(tx, moved.clone()).await?;
    Ok(moved)
}
