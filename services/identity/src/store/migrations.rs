//! Migrations of identity's tables. Names of migrations and tables must never change.

use sea_orm::{
    DbErr,
    sea_query::{ColumnDef, Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, string, string_null, text},
};

use super::{
    client::{
        entity::{self as client, Column as C},
        used_assertion::{self, Column as U},
    },
    registry::entity::{self as registry, Column as R},
    session::entity::{self as session, Column as S},
    user::entity::{self as user, Column as P},
};

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Identities),
            Box::new(VerifiedPatients),
            Box::new(ManagedRows),
            Box::new(ExpiryIndexes),
            Box::new(Launches),
            Box::new(Authentications),
            Box::new(super::partner_change::PartnerChanges),
            Box::new(super::agreement::tables::Agreements),
            Box::new(super::system_migration::Systems),
            Box::new(super::provider::Providers),
            Box::new(super::people_migration::People),
            Box::new(super::provider_migration::PassedDomains),
            Box::new(super::removal_migration::Removals),
            Box::new(super::request_rate_migration::RequestRates),
        ]
    }
}

struct Identities;

impl MigrationName for Identities {
    fn name(&self) -> &'static str {
        "m20261122_000001_identities"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Identities {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut registry = Table::create();
        registry.table(registry::Entity).col(string(R::Key).primary_key()).col(text(R::Body));
        manager.create_table(registry).await?;
        let mut users = Table::create();
        users.table(user::Entity).col(string(P::Id).primary_key());
        users.col(string(P::SubjectHash).unique_key()).col(string(P::Name));
        manager.create_table(users).await?;
        let mut sessions = Table::create();
        sessions.table(session::Entity).col(string(S::SecretHash).primary_key()).col(text(S::Actor));
        sessions.col(string_null(S::ProviderSid)).col(big_integer(S::Started)).col(big_integer(S::Seen));
        manager.create_table(sessions).await?;
        let mut logins = Table::create();
        logins.table("login").col(string("state_hash").primary_key());
        logins.col(text("sealed")).col(big_integer("expires"));
        manager.create_table(logins).await?;
        let mut clients = Table::create();
        clients.table(client::Entity).col(string(C::Id).primary_key());
        for column in [C::Name, C::Org, C::Role, C::Scope] {
            clients.col(string(column));
        }
        clients.col(text(C::Jwks));
        manager.create_table(clients).await?;
        let mut used_assertions = Table::create();
        used_assertions
            .table(used_assertion::Entity)
            .col(string(U::JtiHash).primary_key())
            .col(big_integer(U::Expires));
        manager.create_table(used_assertions).await
    }
}

struct VerifiedPatients;

impl MigrationName for VerifiedPatients {
    fn name(&self) -> &'static str {
        "m20261123_000002_proofed"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for VerifiedPatients {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut proofed = ColumnDef::new(P::Proofed);
        proofed.string().not_null().default("");
        manager.alter_table(Table::alter().table(user::Entity).add_column(proofed).to_owned()).await
    }
}

struct ManagedRows;

impl MigrationName for ManagedRows {
    fn name(&self) -> &'static str {
        "m20261126_000003_managed"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ManagedRows {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut managed_by = ColumnDef::new(R::ManagedBy);
        managed_by.string().not_null().default("seed");
        manager.alter_table(Table::alter().table(registry::Entity).add_column(managed_by).to_owned()).await
    }
}

struct ExpiryIndexes;

impl MigrationName for ExpiryIndexes {
    fn name(&self) -> &'static str {
        "m20261129_000004_over"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ExpiryIndexes {
    /// Finds expired rows without reading the others.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = |name: &str| Index::create().name(name).to_owned();
        for each in [
            index("session_seen").table(session::Entity).col(S::Seen).to_owned(),
            index("session_started").table(session::Entity).col(S::Started).to_owned(),
            index("used_expires").table(used_assertion::Entity).col(U::Expires).to_owned(),
            // Sign-ins are now sealed in cookies, but the previous version still stores them here.
            index("login_expires").table("login").col("expires").to_owned(),
        ] {
            manager.create_index(each).await?;
        }
        Ok(())
    }
}

struct Launches;

impl MigrationName for Launches {
    fn name(&self) -> &'static str {
        "m20261130_000005_launches"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Launches {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [C::LaunchRoles, C::FrameAncestors] {
            let mut added = ColumnDef::new(column);
            added.string().not_null().default("");
            manager.alter_table(Table::alter().table(client::Entity).add_column(added).to_owned()).await?;
        }
        let mut added = ColumnDef::new(S::FrameAncestors);
        added.string().not_null().default("");
        manager.alter_table(Table::alter().table(session::Entity).add_column(added).to_owned()).await
    }
}

struct Authentications;

impl MigrationName for Authentications {
    fn name(&self) -> &'static str {
        "m20261201_000006_authenticated"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Authentications {
    /// Nullable, because a launched session has none and the version before does not write it.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut added = ColumnDef::new(S::Authenticated);
        added.big_integer().null();
        manager.alter_table(Table::alter().table(session::Entity).add_column(added).to_owned()).await
    }
}
