//! The migrations of virtual-ward's tables. A released migration must never change.

use sea_orm::{
    DbErr,
    sea_query::{Index, IntoIden, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, big_integer_null, boolean, string, string_null, text, text_null, uuid, uuid_null},
};

use super::{
    item::entity::{self as item, Column as T},
    message::entity::{self as message, Column as M},
    patient::entity::{self as patient, Column as N},
    person::{
        entity::{self as person, Column as P},
        identity::{self, Column as I},
    },
    reader_settings::{
        settings::{self, Column as L},
        watched::{self, Column as O},
    },
    source_activity::entity::{self as source_activity, Column as H},
    spell::entity::{self as spell, Column as S},
    visit::entity::{self as visit, Column as V},
    waiting_messages::entity::{self as waiting, Column as W},
};

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Ward), Box::new(Visits), Box::new(FoldedSpells)]
    }
}

struct Ward;

impl MigrationName for Ward {
    fn name(&self) -> &'static str {
        "m20261123_000001_ward"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Ward {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        stays(manager).await?;
        people(manager).await?;
        let source_activity = Table::create()
            .table(source_activity::Entity)
            .col(string(H::Source).primary_key())
            .col(big_integer(H::Last))
            .to_owned();
        manager.create_table(source_activity).await?;
        lcr_store::replica::create(manager.get_connection()).await
    }
}

async fn stays(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let messages = Table::create()
        .table(message::Entity)
        .col(string(M::Spell))
        .col(string(M::Content))
        .col(string(M::Event))
        .col(big_integer(M::Version))
        .col(text(M::Sealed))
        .primary_key(Index::create().col(M::Spell).col(M::Content).col(M::Event))
        .to_owned();
    manager.create_table(messages).await?;
    let mut spells = Table::create();
    spells.table(spell::Entity).col(string(S::Spell).primary_key()).col(uuid_null(S::Person));
    for column in [S::Source, S::LocalId, S::Organisation] {
        spells.col(string(column));
    }
    for column in [S::Ward, S::Consultant, S::ConsultantName] {
        spells.col(string_null(column));
    }
    for column in [S::AdmittedAt, S::LeftAt] {
        spells.col(big_integer_null(column));
    }
    for column in [S::Version, S::ChangedAt] {
        spells.col(big_integer(column));
    }
    spells.col(boolean(S::Listed)).col(text(S::Sealed));
    manager.create_table(spells).await?;
    index(manager, "spell_identity", spell::Entity, [S::Source, S::LocalId]).await?;
    index(manager, "spell_person", spell::Entity, [S::Person]).await?;
    index(manager, "spell_listed", spell::Entity, [S::Listed, S::LeftAt]).await?;
    let items = Table::create()
        .table(item::Entity)
        .col(string(T::Source))
        .col(string(T::LocalId))
        .col(string(T::Kind))
        .col(string(T::Item))
        .col(string(T::Spell))
        .col(big_integer(T::Version))
        .col(text(T::Sealed))
        .primary_key(Index::create().col(T::Item).col(T::Source).col(T::LocalId).col(T::Kind))
        .to_owned();
    manager.create_table(items).await?;
    index(manager, "item_spell", item::Entity, [T::Spell]).await
}

async fn people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let people = Table::create()
        .table(person::Entity)
        .col(uuid(P::Person).primary_key())
        .col(big_integer(P::Version))
        .col(string_null(P::Practice))
        .col(string(P::Marks))
        .to_owned();
    manager.create_table(people).await?;
    index(manager, "person_practice", person::Entity, [P::Practice]).await?;
    let identities = Table::create()
        .table(identity::Entity)
        .col(string(I::Source))
        .col(string(I::LocalId))
        .col(uuid(I::Person))
        .primary_key(Index::create().col(I::Source).col(I::LocalId).col(I::Person))
        .to_owned();
    manager.create_table(identities).await?;
    index(manager, "identity_person", identity::Entity, [I::Person]).await
}

async fn index<T: IntoIden + Copy + 'static, C: sea_orm::sea_query::IntoIndexColumn>(
    manager: &SchemaManager<'_>,
    name: &str,
    table: T,
    columns: impl IntoIterator<Item = C>,
) -> Result<(), DbErr> {
    let mut index = Index::create();
    index.name(name).table(table.into_iden());
    for column in columns {
        index.col(column);
    }
    manager.create_index(index).await
}

/// Adds visits of several stays, merged numbers, waiting messages, and readers' settings.
struct Visits;

impl MigrationName for Visits {
    fn name(&self) -> &'static str {
        "m20261129_000001_visits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Visits {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [string_null(S::Visit), big_integer_null(S::LastMessageAt)] {
            let table = Table::alter().table(spell::Entity).add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        index(manager, "spell_visit", spell::Entity, [S::Visit]).await?;
        numbers(manager).await?;
        waiting(manager).await?;
        reader_settings(manager).await
    }
}

async fn numbers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let visits =
        Table::create().table(visit::Entity).col(string(V::Number).primary_key()).col(string(V::Visit)).to_owned();
    manager.create_table(visits).await?;
    index(manager, "visit_number_visit", visit::Entity, [V::Visit]).await?;
    let patients = Table::create()
        .table(patient::Entity)
        .col(string(N::Source))
        .col(string(N::LocalId))
        .col(big_integer(N::Version))
        .col(text_null(N::Sealed))
        .col(string_null(N::MergedInto))
        .col(big_integer_null(N::MergedAt))
        .primary_key(Index::create().col(N::Source).col(N::LocalId))
        .to_owned();
    manager.create_table(patients).await
}

async fn waiting(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(waiting::Entity)
        .col(uuid(W::Message))
        .col(string(W::About))
        .col(string(W::Source))
        .col(big_integer(W::Received))
        .col(boolean(W::Waits))
        .col(big_integer(W::Version))
        .primary_key(Index::create().col(W::Message).col(W::About))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "waiting_source", waiting::Entity, [W::Waits, W::Source]).await
}

async fn reader_settings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let settings = Table::create()
        .table(settings::Entity)
        .col(string(L::UserId))
        .col(string(L::List))
        .col(text(L::Settings))
        .primary_key(Index::create().col(L::UserId).col(L::List))
        .to_owned();
    manager.create_table(settings).await?;
    let watched = Table::create()
        .table(watched::Entity)
        .col(string(O::UserId))
        .col(uuid(O::Person))
        .col(big_integer(O::Since))
        .primary_key(Index::create().col(O::UserId).col(O::Person))
        .to_owned();
    manager.create_table(watched).await
}

/// Adds the version that this code wrote last.
struct FoldedSpells;

impl MigrationName for FoldedSpells {
    fn name(&self) -> &'static str {
        "m20261129_000002_folded"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FoldedSpells {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::alter().table(spell::Entity).add_column(big_integer_null(S::Folded)).to_owned();
        manager.alter_table(table).await
    }
}
