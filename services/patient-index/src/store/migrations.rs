//! Migrations of the index's tables and of the indexes for its searches. Names must never change.

use sea_orm::{
    DbErr,
    sea_query::{Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, big_integer_null, boolean, string, string_null, uuid},
};

use super::{
    identity::{
        identity::{self, Column as I},
        person::{self, Column as P},
    },
    merged::entity as merged,
    patient_link::entity::{self as link, Column as L},
    review::entity::{self as review, Column as R},
};

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(People), Box::new(MergedPeople), Box::new(Reviews), Box::new(RestrictedPlaces)]
    }
}

struct People;

impl MigrationName for People {
    fn name(&self) -> &'static str {
        "m20261122_000001_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for People {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let people = Table::create()
            .table(person::Entity)
            .col(uuid(P::Person).primary_key())
            .col(big_integer(P::Version))
            .col(boolean(P::Restricted))
            .col(boolean(P::Died))
            .to_owned();
        manager.create_table(people).await?;
        let mut identities = Table::create();
        identities.table(identity::Entity).col(string(I::Source)).col(string(I::LocalId)).col(uuid(I::Person));
        identities.col(big_integer(I::Version));
        for column in [I::Because, I::Family, I::Given, I::FamilyKey, I::GivenKey, I::PostcodeKey, I::Gender] {
            identities.col(string(column));
        }
        for column in [I::NhsNumber, I::Title, I::BirthDate, I::Address, I::Practice] {
            identities.col(string_null(column));
        }
        for column in [I::Died, I::Restricted, I::Authority, I::GpRegistration] {
            identities.col(boolean(column));
        }
        identities.primary_key(Index::create().col(I::Source).col(I::LocalId));
        manager.create_table(identities).await?;
        for (name, columns) in [
            ("identity_person", vec![I::Person]),
            ("identity_number", vec![I::NhsNumber]),
            ("identity_name", vec![I::FamilyKey, I::BirthDate]),
            ("identity_postcode", vec![I::PostcodeKey]),
        ] {
            let mut index = Index::create();
            index.name(name).table(identity::Entity);
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// People who were merged into a survivor.
struct MergedPeople;

impl MigrationName for MergedPeople {
    fn name(&self) -> &'static str {
        "m20261123_000002_merged"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for MergedPeople {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let merged = Table::create()
            .table(merged::Entity)
            .col(uuid(merged::Column::Person).primary_key())
            .col(uuid(merged::Column::Survivor))
            .to_owned();
        manager.create_table(merged).await
    }
}

/// Numbers in doubt with their reviews, retired records, and links between records.
struct Reviews;

impl MigrationName for Reviews {
    fn name(&self) -> &'static str {
        "m20261129_000003_reviews"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Reviews {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (column, value) in [(I::NhsNumberVerified, true), (I::NumberDoubted, false), (I::Retired, false)] {
            let mut new = boolean(column);
            new.default(value);
            let add = Table::alter().table(identity::Entity).add_column(new).to_owned();
            manager.alter_table(add).await?;
        }
        let mut reviews = Table::create();
        reviews.table(review::Entity).col(uuid(R::Id).primary_key());
        reviews.col(string(R::Source)).col(string(R::LocalId)).col(uuid(R::Holder));
        reviews.col(boolean(R::OtherSex)).col(boolean(R::OtherBirthDate)).col(string(R::State));
        reviews.col(big_integer(R::Opened)).col(big_integer_null(R::Closed));
        reviews.col(string_null(R::DecidedBy)).col(string_null(R::Reason));
        manager.create_table(reviews).await?;
        let links = Table::create()
            .table(link::Entity)
            .col(string(L::Source))
            .col(string(L::LocalId))
            .col(string(L::Other))
            .col(string(L::Uses))
            .primary_key(Index::create().col(L::Source).col(L::LocalId).col(L::Other))
            .to_owned();
        manager.create_table(links).await?;
        let index = |name: &str| Index::create().name(name).to_owned();
        let mut indexes =
            [index("review_identity"), index("review_holder"), index("review_state"), index("patient_link_other")];
        indexes[0].table(review::Entity).col(R::Source).col(R::LocalId);
        indexes[1].table(review::Entity).col(R::Holder);
        indexes[2].table(review::Entity).col(R::State).col(R::Id);
        indexes[3].table(link::Entity).col(L::Source).col(L::Other);
        for index in indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Erases the addresses of restricted people, which earlier versions stored.
struct RestrictedPlaces;

impl MigrationName for RestrictedPlaces {
    fn name(&self) -> &'static str {
        "m20261129_000004_restricted_places"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for RestrictedPlaces {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::erase_all_restricted_addresses(manager.get_connection()).await.map(|_| ())
    }
}
