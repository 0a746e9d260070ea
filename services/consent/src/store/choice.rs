//! Choices and the identities that each covers. A row is added once and then only changes its status. Covered identities
//! are never removed, so that a choice survives a merge and an unmerge of people.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::choices::{ChoiceStatus, Direction};
use lcr_model::{OdsCode, PersonId, SourceId, SourceIdentity};
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::OnConflict,
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
        /// The choice that was first made, from which this one was inherited. Its own id if nothing was inherited.
        pub origin: Uuid,
        pub direction: String,
        pub organisation: Option<String>,
        pub status: String,
        pub by_user: String,
        /// The maker as the page names them.
        pub by_words: String,
        /// Sealed with `consent/choice/<id>/reason`. Nothing reads it yet.
        pub reason: Option<String>,
        /// Unsealed, as the previous version writes it. This version only reads and clears it.
        pub review: Option<String>,
        pub made_at: i64,
        pub changed_at: i64,
        pub version: i64,
        /// The text of a review, or the reason of a withdrawal by somebody else, sealed with `consent/choice/<id>/review`.
        /// The previous version does not know this column.
        pub review_sealed: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The identities (`identity/<source>|<local id>`) that a choice covers. A person who gets one inherits the choice.
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

/// Whether the key is of an identity at this source.
pub fn is_key_of_source(key: &str, source: &SourceId) -> bool {
    let rest = key.strip_prefix("identity/").and_then(|rest| rest.strip_prefix(source.as_str()));
    rest.is_some_and(|rest| rest.starts_with('|'))
}

/// Whether any choice exists. Most changes of people need no further query.
pub async fn has_any(db: &impl ConnectionTrait) -> Result<bool, StoreError> {
    Ok(row::Entity::find().limit(1).one(db).await?.is_some())
}

/// The choices of each of these people.
pub async fn find_by_people(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, Vec<ChoiceRow>>, StoreError> {
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = people.iter().map(|person| person.0);
    let mut choices: HashMap<PersonId, Vec<ChoiceRow>> = HashMap::new();
    for row in row::Entity::find().filter(row::Column::Person.is_in(ids)).all(db).await? {
        choices.entry(PersonId(row.person)).or_default().push(row);
    }
    Ok(choices)
}

/// The choices that cover each of these identity keys.
pub async fn find_by_identity_keys(
    db: &impl ConnectionTrait,
    keys: &[String],
) -> Result<HashMap<String, Vec<ChoiceRow>>, DbErr> {
    let mut covers: Vec<cover::Model> = Vec::new();
    for chunk in keys.chunks(500) {
        let rows = cover::Entity::find().filter(cover::Column::Key.is_in(chunk.iter().cloned()));
        covers.extend(rows.all(db).await?);
    }
    if covers.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = covers.iter().map(|cover| cover.choice);
    let rows = row::Entity::find().filter(row::Column::Id.is_in(ids)).all(db).await?;
    let rows: HashMap<Uuid, ChoiceRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut choices: HashMap<String, Vec<ChoiceRow>> = HashMap::new();
    for cover in covers {
        if let Some(row) = rows.get(&cover.choice) {
            choices.entry(cover.key).or_default().push(row.clone());
        }
    }
    Ok(choices)
}

/// A person's choices, newest first.
pub async fn find_by_person(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<ChoiceRow>, StoreError> {
    Ok(row::Entity::find().filter(row::Column::Person.eq(person.0)).order_by_desc(row::Column::MadeAt).all(db).await?)
}

pub async fn insert(tx: &impl ConnectionTrait, row: ChoiceRow, keys: &[String]) -> Result<(), DbErr> {
    let id = row.id;
    let active: row::ActiveModel = row.into();
    row::Entity::insert(active.reset_all()).exec_without_returning(tx).await?;
    add_identities(tx, id, keys).await
}

pub async fn find(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<ChoiceRow>, DbErr> {
    row::Entity::find_by_id(id).one(db).await
}

/// Overwrites the stored row with the same id.
pub async fn replace(tx: &impl ConnectionTrait, row: ChoiceRow) -> Result<(), DbErr> {
    let active: row::ActiveModel = row.into();
    row::Entity::update(active.reset_all()).exec(tx).await.map(|_| ())
}

/// Adds identities that the choice covers.
pub async fn add_identities(tx: &impl ConnectionTrait, choice: Uuid, keys: &[String]) -> Result<(), DbErr> {
    let covers: Vec<(Uuid, String)> = keys.iter().map(|key| (choice, key.clone())).collect();
    add_covers(tx, &covers).await
}

/// Adds identities that choices cover.
pub async fn add_covers(tx: &impl ConnectionTrait, covers: &[(Uuid, String)]) -> Result<(), DbErr> {
    for chunk in covers.chunks(200) {
        let rows = chunk.iter().map(|(choice, key)| cover::ActiveModel { key: Set(key.clone()), choice: Set(*choice) });
        let on_conflict = OnConflict::columns([cover::Column::Key, cover::Column::Choice]).do_nothing().to_owned();
        cover::Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Changes the status of a choice. `review` is the sealed text of a review, if there is one.
pub async fn change_status(
    tx: &impl ConnectionTrait,
    row: &ChoiceRow,
    status: ChoiceStatus,
    review: Option<String>,
    now: Timestamp,
) -> Result<ChoiceRow, DbErr> {
    // Somebody else changed it since it was read, and their receipt is valid.
    let stored = row::Entity::find_by_id(row.id).one(tx).await?;
    if stored.is_none_or(|stored| stored.version != row.version) {
        return Err(DbErr::Custom("the choice was changed meanwhile".into()));
    }
    let changed = ChoiceRow {
        status: to_name(&status)?,
        // A new sealed text replaces plain text of the previous version.
        review: row.review.clone().filter(|_| review.is_none()),
        review_sealed: review.or_else(|| row.review_sealed.clone()),
        changed_at: now.as_microsecond(),
        version: row.version + 1,
        ..row.clone()
    };
    replace(tx, changed.clone()).await?;
    Ok(changed)
}
