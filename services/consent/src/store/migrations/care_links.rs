//! Care links, the people of each identity, and the practice that a person left. It only adds: the version before works on.

use sea_orm::{
    DbErr,
    sea_query::{Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, big_integer_null, boolean, string, string_null, uuid},
};

use crate::store::{
    care_link::entity::{self as link, Column as L},
    person::entity::{self as person, Column as P},
    person_identity::{
        self,
        entity::{self as identity, Column as I},
    },
};

pub(super) struct CareLinks;

impl MigrationName for CareLinks {
    fn name(&self) -> &'static str {
        "m20261130_000008_care_links"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CareLinks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_links(manager).await?;
        let versions = [P::FormerVersion, P::PracticeLeftVersion, P::PracticeLeftAt].map(big_integer_null);
        for column in std::iter::once(string_null(P::FormerPractice)).chain(versions) {
            manager.alter_table(Table::alter().table(person::Entity).add_column(column).to_owned()).await?;
        }
        let identities = Table::create()
            .table(identity::Entity)
            .col(string(I::Key))
            .col(uuid(I::Person))
            .primary_key(Index::create().col(I::Key).col(I::Person))
            .to_owned();
        manager.create_table(identities).await?;
        let by_person =
            Index::create().name("person_identity_person").table(identity::Entity).col(I::Person).to_owned();
        manager.create_index(by_person).await?;
        person_identity::fill(manager.get_connection()).await
    }
}

async fn create_links(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut links = Table::create();
    links.table(link::Entity);
    for column in [L::Source, L::Link, L::IdentityKey, L::Kind, L::Organisation] {
        links.col(string(column));
    }
    for column in [L::Version, L::Arrived, L::CountsFrom] {
        links.col(big_integer(column));
    }
    for column in [L::From, L::Until, L::CountsUntil] {
        links.col(big_integer_null(column));
    }
    links.col(string_null(L::Team)).col(boolean(L::Stands));
    links.primary_key(Index::create().col(L::Source).col(L::Link));
    manager.create_table(links).await?;
    let by_identity = Index::create().name("care_link_identity").table(link::Entity).col(L::IdentityKey).to_owned();
    manager.create_index(by_identity).await?;
    // A list reads nothing but this index, however long it is.
    let mut by_organisation = Index::create();
    by_organisation.name("care_link_organisation").table(link::Entity);
    for column in [L::Organisation, L::Kind, L::CountsFrom, L::CountsUntil, L::Source, L::IdentityKey] {
        by_organisation.col(column);
    }
    manager.create_index(by_organisation).await
}
