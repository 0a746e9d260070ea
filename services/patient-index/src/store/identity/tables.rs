//! The tables of people and of their identities.

pub mod person {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
        pub version: i64,
        pub restricted: bool,
        pub died: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod identity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub local_id: String,
        pub person: Uuid,
        pub version: i64,
        pub because: String,
        pub nhs_number: Option<String>,
        pub family: String,
        pub given: String,
        pub title: Option<String>,
        pub birth_date: Option<String>,
        pub gender: String,
        pub address: Option<String>,
        pub practice: Option<String>,
        pub family_key: String,
        pub given_key: String,
        pub postcode_key: String,
        pub died: bool,
        pub restricted: bool,
        pub authority: bool,
        pub gp_registration: bool,
        pub nhs_number_verified: bool,
        /// The number may be another person's, so it finds nobody and links nobody.
        pub number_doubted: bool,
        /// Its source no longer uses this record.
        pub retired: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}
