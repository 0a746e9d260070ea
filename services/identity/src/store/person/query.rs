//! Finds, lists and stores the people of directories. Every query is about one organisation, so that none finds
//! another's people.

use jiff::Timestamp;
use lcr_model::{OdsCode, Role, UserId, seal::DataKeys};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, sea_query::OnConflict,
};

use super::{
    Person,
    entity::{ActiveModel, Column, Entity, Model},
    external_hashes, to_person, to_row, user_name_hashes,
};

/// What a person is looked for by. One match is enough.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lookup<'a> {
    pub user: Option<&'a str>,
    pub external_id: Option<&'a str>,
    pub user_name: Option<&'a str>,
}

fn to_people(keys: &DataKeys, rows: Vec<Model>) -> Result<Vec<Person>, DbErr> {
    rows.into_iter().map(|row| to_person(keys, row)).collect()
}

/// Stores a person, new or changed.
pub async fn save(tx: &impl ConnectionTrait, keys: &DataKeys, person: &Person) -> Result<(), DbErr> {
    let row = ActiveModel::from(to_row(keys, person)?).reset_all();
    let update = OnConflict::column(Column::Id)
        .update_columns([Column::UserNameHash, Column::ExternalHash, Column::User, Column::Sealed, Column::Roles])
        .update_columns([Column::Active, Column::EndedBy, Column::Hidden, Column::Source, Column::Version])
        .update_columns([Column::Changed, Column::FirstSignedIn, Column::LastSignedIn])
        .to_owned();
    Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// Deletes the row of a sign-in whose person turned out to be in the directory already.
pub async fn delete_duplicate(tx: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(tx).await.map(|_| ())
}

pub async fn find(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    org: &OdsCode,
    id: &str,
) -> Result<Option<Person>, DbErr> {
    let row = Entity::find_by_id(id).filter(Column::Org.eq(org.as_str())).one(db).await?;
    row.map(|row| to_person(keys, row)).transpose()
}

/// The people of an organisation whom one of these finds, in the order of their ids.
pub async fn find_by(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    org: &OdsCode,
    by: Lookup<'_>,
) -> Result<Vec<Person>, DbErr> {
    let mut any = Condition::any();
    if let Some(user) = by.user {
        any = any.add(Column::User.eq(user));
    }
    if let Some(id) = by.external_id {
        any = any.add(Column::ExternalHash.is_in(external_hashes(keys, org, id)));
    }
    if let Some(name) = by.user_name {
        any = any.add(Column::UserNameHash.is_in(user_name_hashes(keys, org, name)));
    }
    if any.is_empty() {
        return Ok(vec![]);
    }
    let rows = of(org).filter(any).order_by_asc(Column::Id).all(db).await?;
    to_people(keys, rows)
}

fn of(org: &OdsCode) -> Select<Entity> {
    Entity::find().filter(Column::Org.eq(org.as_str()))
}

/// Those whom the SCIM client of an organisation sees: whoever has a name to sign in with and is not deleted.
fn visible_to_scim(org: &OdsCode) -> Select<Entity> {
    of(org).filter(Column::Hidden.eq(false)).filter(Column::UserNameHash.is_not_null())
}

/// A page of the people whom the SCIM client sees, in the order of their ids.
pub async fn list_for_scim(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    org: &OdsCode,
    offset: u64,
    limit: u64,
) -> Result<Vec<Person>, DbErr> {
    let page = visible_to_scim(org).order_by_asc(Column::Id).offset(offset).limit(limit);
    to_people(keys, page.all(db).await?)
}

/// The people with a role whom the SCIM client sees, in the order of their ids.
pub async fn list_with_role(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    org: &OdsCode,
    role: Role,
) -> Result<Vec<Person>, DbErr> {
    let rows = visible_to_scim(org).filter(Column::Roles.contains(role.as_str())).order_by_asc(Column::Id);
    // The name of one role may be a part of another's.
    let people = to_people(keys, rows.all(db).await?)?;
    Ok(people.into_iter().filter(|person| person.roles.contains(&role)).collect())
}

pub async fn count_for_scim(db: &impl ConnectionTrait, org: &OdsCode) -> Result<u64, DbErr> {
    visible_to_scim(org).count(db).await
}

/// An organisation's people, at most `most`, in the order of their ids.
pub async fn list(db: &impl ConnectionTrait, keys: &DataKeys, org: &OdsCode, most: u64) -> Result<Vec<Person>, DbErr> {
    to_people(keys, of(org).order_by_asc(Column::Id).limit(most).all(db).await?)
}

/// What the figures of an organisation need of each person.
#[derive(Debug, Clone)]
pub struct SignInTimes {
    pub user: Option<UserId>,
    pub active: bool,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// When each person of an organisation signed in. Opens no sealed row.
pub async fn sign_in_times(db: &impl ConnectionTrait, org: &OdsCode) -> Result<Vec<SignInTimes>, DbErr> {
    let time = |micros| Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
    let to_times = |row: Model| {
        Ok(SignInTimes {
            user: row.user.map(UserId::new),
            active: row.active,
            first: row.first_signed_in.map(time).transpose()?,
            last: row.last_signed_in.map(time).transpose()?,
        })
    };
    of(org).all(db).await?.into_iter().map(to_times).collect()
}

/// Whether the user is an active member of the organisation.
pub async fn is_member(db: &impl ConnectionTrait, org: &OdsCode, user: &UserId) -> Result<bool, DbErr> {
    let active = of(org).filter(Column::User.eq(user.as_str())).filter(Column::Active.eq(true));
    Ok(active.count(db).await? > 0)
}
