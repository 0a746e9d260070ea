//! The tables of the log: entries, the people and organisations they are about, and completions.

use sea_orm::{DbErr, sea_query::Index};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub mod opened {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub view: Uuid,
        pub at: i64,
        pub user: String,
        pub actor: String,
        pub audience: String,
        pub what: String,
        pub outcome: String,
        pub reason: String,
        pub people: String,
        pub datasets: String,
        pub policy_version: String,
        /// The reader's organisation, for searches. The authoritative one is in `actor`.
        pub org: String,
        /// The new state of a choice, if the entry is about one.
        pub choice: Option<String>,
        /// The organisations concerned and their people. None if there are none, or on rows of an older version.
        pub concerned: Option<String>,
        /// The log's code of the row. None on rows of an older version.
        pub code: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The organisations that an entry concerns, for searches. The authoritative ones are in the entry.
pub mod concern {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry_concern")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub org: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod subject {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry_person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod completion {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "completion")]
    pub struct Model {
        /// The id of the completion event.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub view: Uuid,
        pub person: Uuid,
        pub at: i64,
        pub shown: String,
        /// The log's code of the row. None on rows of an older version.
        pub code: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The index that finds the people of an entry, for `lcr audit verify`.
pub struct EntryPersonIndex;

impl MigrationName for EntryPersonIndex {
    fn name(&self) -> &'static str {
        "m20261204_000009_people_of_an_entry"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for EntryPersonIndex {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name("entry_person_entry").table(subject::Entity).col(subject::Column::Entry);
        manager.create_index(index).await
    }
}
