//! The people of the organisations' directories. A name or a sign-in name must never be stored in the clear: rows are
//! sealed, and found by keyed hashes. A row is never deleted because somebody left.

mod details;
mod query;

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use lcr_model::{OdsCode, Role, UserId, seal::DataKeys};
use sea_orm::DbErr;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "directory_person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub org: String,
        /// A keyed hash of the organisation and the name that the person signs in with.
        pub user_name_hash: Option<String>,
        /// A keyed hash of the organisation and the provider's own id of the person.
        pub external_hash: Option<String>,
        pub user: Option<String>,
        pub sealed: String,
        /// Separated by spaces.
        pub roles: String,
        pub active: bool,
        /// Who ended the access. Empty while it has not ended.
        pub ended_by: String,
        /// Deleted by the SCIM client, which no longer sees it.
        pub hidden: bool,
        pub source: String,
        pub version: i64,
        pub created: i64,
        pub changed: i64,
        pub first_signed_in: Option<i64>,
        pub last_signed_in: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Model;
pub use query::{
    Lookup, SignInTimes, count_for_scim, delete_duplicate, find, find_by, is_member, list, list_for_scim,
    list_with_role, save, sign_in_times,
};

pub use details::{Email, PersonDetails, PersonSource};

/// A person of an organisation's directory.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub org: OdsCode,
    /// Their user, once they have signed in.
    pub user: Option<UserId>,
    pub details: PersonDetails,
    pub roles: BTreeSet<Role>,
    pub active: bool,
    /// Who ended the access.
    pub ended_by: Option<PersonSource>,
    pub hidden: bool,
    pub source: PersonSource,
    /// Counts the changes, for `ETag`.
    pub version: i64,
    pub created: Timestamp,
    pub changed: Timestamp,
    pub first_signed_in_at: Option<Timestamp>,
    pub last_signed_in_at: Option<Timestamp>,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Person({}, active {}, version {})", self.id, self.active, self.version)
    }
}

impl Person {
    /// The name that colleagues read.
    pub fn name(&self) -> String {
        let PersonDetails { display_name, given_name, family_name, user_name, .. } = &self.details;
        let full = format!("{given_name} {family_name}");
        [display_name.as_str(), full.trim(), user_name.as_str()]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or("Name not given")
            .to_owned()
    }
}

/// Names of one person that differ only in case or in spaces around them are equal, as providers treat them.
pub fn normalise_user_name(name: &str) -> String {
    name.trim().to_lowercase()
}

fn user_name_hashes(keys: &DataKeys, org: &OdsCode, name: &str) -> Vec<String> {
    keys.hash_names(&format!("person/user-name/{org}/{}", normalise_user_name(name)))
}

fn external_hashes(keys: &DataKeys, org: &OdsCode, id: &str) -> Vec<String> {
    keys.hash_names(&format!("person/external/{org}/{id}"))
}

fn seal_context(id: &str) -> String {
    format!("identity/person/{id}")
}

fn to_row(keys: &DataKeys, person: &Person) -> Result<Model, DbErr> {
    let Person { id, org, details, .. } = person;
    let plain = serde_json::to_vec(details).map_err(|e| DbErr::Json(e.to_string()))?;
    let first = |hashes: Vec<String>| hashes.into_iter().next();
    let user_name = Some(details.user_name.as_str()).filter(|name| !name.is_empty());
    Ok(Model {
        id: id.clone(),
        org: org.to_string(),
        user_name_hash: user_name.and_then(|name| first(user_name_hashes(keys, org, name))),
        external_hash: details.external_id.as_deref().and_then(|external| first(external_hashes(keys, org, external))),
        user: person.user.as_ref().map(ToString::to_string),
        sealed: keys.seal(&seal_context(id), &plain).map_err(|e| DbErr::Custom(e.to_string()))?,
        roles: person.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" "),
        active: person.active,
        ended_by: person.ended_by.map_or("", PersonSource::as_str).to_owned(),
        hidden: person.hidden,
        source: person.source.as_str().to_owned(),
        version: person.version,
        created: person.created.as_microsecond(),
        changed: person.changed.as_microsecond(),
        first_signed_in: person.first_signed_in_at.map(Timestamp::as_microsecond),
        last_signed_in: person.last_signed_in_at.map(Timestamp::as_microsecond),
    })
}

fn to_person(keys: &DataKeys, row: Model) -> Result<Person, DbErr> {
    let time = |micros| Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
    let plain = keys.open(&seal_context(&row.id), &row.sealed).map_err(|e| DbErr::Custom(e.to_string()))?;
    Ok(Person {
        details: serde_json::from_slice(&plain).map_err(|e| DbErr::Json(e.to_string()))?,
        org: OdsCode::new(row.org),
        user: row.user.map(UserId::new),
        // A role of a later version is not one of ours.
        roles: row.roles.split_whitespace().filter_map(|name| name.parse().ok()).collect(),
        active: row.active,
        ended_by: PersonSource::of_name(&row.ended_by),
        hidden: row.hidden,
        source: PersonSource::of_name(&row.source)
            .ok_or_else(|| DbErr::Type("the source of a person is not one of ours".to_owned()))?,
        version: row.version,
        created: time(row.created)?,
        changed: time(row.changed)?,
        first_signed_in_at: row.first_signed_in.map(time).transpose()?,
        last_signed_in_at: row.last_signed_in.map(time).transpose()?,
        id: row.id,
    })
}
