//! The log of changes of directory people: whose access began, changed or ended, when, and by what. It must hold no
//! name, and a row must never change or be deleted.

use jiff::Timestamp;
use lcr_model::OdsCode;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set};
use uuid::Uuid;

use super::person::PersonSource;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person_change")]
    pub struct Model {
        /// A time-ordered UUID.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub org: String,
        pub person: String,
        pub at: i64,
        /// `sign-in`, `scim`, `portal` or `request`.
        pub source: String,
        pub what: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Entity};

pub async fn insert(
    tx: &impl ConnectionTrait,
    (org, person): (&OdsCode, &str),
    source: PersonSource,
    what: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(Uuid::now_v7().to_string()),
        org: Set(org.to_string()),
        person: Set(person.to_owned()),
        at: Set(at.as_microsecond()),
        source: Set(source.as_str().to_owned()),
        what: Set(what.to_owned()),
    };
    Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}
