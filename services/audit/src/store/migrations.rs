//! Migrations of the log's tables. They may only add: an entry outlives many versions of this code.

use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{ColumnDef, Index, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager,
    schema::{big_integer, binary, boolean, string, text, uuid},
};

use super::{
    entry::{
        EntryPersonIndex,
        completion::{self, Column as C},
        concern,
        opened::{self, Column as O},
        subject::{self, Column as S},
    },
    login_claim::entity as login_claim,
    tree::{head, leaf, node, pending},
};

#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Log),
            Box::new(Tree),
            Box::new(Choices),
            Box::new(Codes),
            Box::new(ConcernedOrganisations),
            Box::new(Claims),
            Box::new(super::entry::AdoptionIndex),
            Box::new(super::incident::Incidents),
            Box::new(EntryPersonIndex),
        ]
    }
}

struct Log;

impl MigrationName for Log {
    fn name(&self) -> &'static str {
        "m20261122_000001_log"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Log {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        lcr_store::inbox::create(manager.get_connection()).await?;
        let mut entries = Table::create();
        entries.table(opened::Entity).col(uuid(O::Id).primary_key()).col(uuid(O::View)).col(big_integer(O::At));
        for column in [O::User, O::Audience, O::What, O::Outcome, O::PolicyVersion] {
            entries.col(string(column));
        }
        for column in [O::Actor, O::Reason, O::People, O::Datasets] {
            entries.col(text(column));
        }
        manager.create_table(entries).await?;
        let by_user = Index::create().name("entry_user").table(opened::Entity).col(O::User).col(O::Id).to_owned();
        manager.create_index(by_user).await?;

        let subjects = Table::create()
            .table(subject::Entity)
            .col(uuid(S::Person))
            .col(uuid(S::Entry))
            .primary_key(Index::create().col(S::Person).col(S::Entry))
            .to_owned();
        manager.create_table(subjects).await?;

        let completions = Table::create()
            .table(completion::Entity)
            .col(uuid(C::Id).primary_key())
            .col(uuid(C::View))
            .col(uuid(C::Person))
            .col(big_integer(C::At))
            .col(text(C::Shown))
            .to_owned();
        manager.create_table(completions).await?;
        let by_view = Index::create().name("completion_view").table(completion::Entity).col(C::View).to_owned();
        manager.create_index(by_view).await
    }
}

struct Tree;

impl MigrationName for Tree {
    fn name(&self) -> &'static str {
        "m20261123_000002_tree"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tree {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut org = ColumnDef::new(O::Org);
        org.string().not_null().default("");
        manager.alter_table(Table::alter().table(opened::Entity).add_column(org).to_owned()).await?;
        let by_org = Index::create().name("entry_org").table(opened::Entity).col(O::Org).col(O::Id).to_owned();
        manager.create_index(by_org).await?;
        let mut queue = ColumnDef::new(pending::Column::Seq);
        queue.big_integer().not_null().auto_increment().primary_key();
        let waiting = Table::create()
            .table(pending::Entity)
            .col(queue)
            .col(string(pending::Column::Kind))
            .col(uuid(pending::Column::Id))
            .to_owned();
        manager.create_table(waiting).await?;
        let leaves = Table::create()
            .table(leaf::Entity)
            .col(big_integer(leaf::Column::Place).primary_key())
            .col(string(leaf::Column::Kind))
            .col(uuid(leaf::Column::Id))
            .col(binary(leaf::Column::Salt))
            .col(binary(leaf::Column::Commitment))
            .to_owned();
        manager.create_table(leaves).await?;
        let by_id = Index::create().name("leaf_id").table(leaf::Entity).col(leaf::Column::Id).to_owned();
        manager.create_index(by_id).await?;
        let nodes = Table::create()
            .table(node::Entity)
            .col(big_integer(node::Column::Place).primary_key())
            .col(binary(node::Column::Hash))
            .to_owned();
        manager.create_table(nodes).await?;
        let heads = Table::create()
            .table(head::Entity)
            .col(big_integer(head::Column::One).primary_key())
            .col(big_integer(head::Column::Size))
            .col(text(head::Column::Note))
            .to_owned();
        manager.create_table(heads).await?;
        lcr_store::login::create(manager.get_connection()).await?;
        queue_existing_rows(manager).await
    }
}

struct Choices;

impl MigrationName for Choices {
    fn name(&self) -> &'static str {
        "m20261127_000003_choices"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Choices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut choice = ColumnDef::new(O::Choice);
        choice.text().null();
        manager.alter_table(Table::alter().table(opened::Entity).add_column(choice).to_owned()).await?;
        // Few entries are about choices. A partial index costs the others nothing.
        let partial_index = "CREATE INDEX entry_choice ON entry (id) WHERE choice IS NOT NULL";
        manager.get_connection().execute_unprepared(partial_index).await.map(|_| ())
    }
}

struct Codes;

impl MigrationName for Codes {
    fn name(&self) -> &'static str {
        "m20261129_000004_codes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Codes {
    /// Adds columns only: the previous version still appends without codes.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let code = |name: O| ColumnDef::new(name).binary().null().to_owned();
        manager.alter_table(Table::alter().table(opened::Entity).add_column(code(O::Code)).to_owned()).await?;
        let mut completed = ColumnDef::new(C::Code);
        completed.binary().null();
        manager.alter_table(Table::alter().table(completion::Entity).add_column(completed).to_owned()).await?;
        let mut since = ColumnDef::new(pending::Column::Since);
        since.big_integer().not_null().default(0);
        manager.alter_table(Table::alter().table(pending::Entity).add_column(since).to_owned()).await?;
        let mut refused = ColumnDef::new(pending::Column::Refused);
        refused.boolean().not_null().default(false);
        manager.alter_table(Table::alter().table(pending::Entity).add_column(refused).to_owned()).await?;
        let mut claims = Table::create();
        claims
            .table(login_claim::Entity)
            .col(uuid(login_claim::Column::Id).primary_key())
            .col(string(login_claim::Column::User))
            .col(uuid(login_claim::Column::Person))
            .col(big_integer(login_claim::Column::Version))
            .col(boolean(login_claim::Column::Holds))
            .col(ColumnDef::new(login_claim::Column::Code).binary().null());
        manager.create_table(claims).await
    }
}

struct ConcernedOrganisations;

impl MigrationName for ConcernedOrganisations {
    fn name(&self) -> &'static str {
        "m20261129_000005_concerned"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ConcernedOrganisations {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut concerned = ColumnDef::new(O::Concerned);
        concerned.text().null();
        manager.alter_table(Table::alter().table(opened::Entity).add_column(concerned).to_owned()).await?;
        let table = Table::create()
            .table(concern::Entity)
            .col(string(concern::Column::Org))
            .col(uuid(concern::Column::Entry))
            .col(uuid(concern::Column::Person))
            .primary_key(
                Index::create().col(concern::Column::Org).col(concern::Column::Entry).col(concern::Column::Person),
            )
            .to_owned();
        manager.create_table(table).await?;
        let by_entry =
            Index::create().name("entry_concern_entry").table(concern::Entity).col(concern::Column::Entry).to_owned();
        manager.create_index(by_entry).await
    }
}

struct Claims;

impl MigrationName for Claims {
    fn name(&self) -> &'static str {
        "m20261202_000006_claims"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Claims {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // As for choices: consent reads entries about claims after a restore.
        let partial_index = "CREATE INDEX entry_claim ON entry (id) WHERE what = 'claim'";
        manager.get_connection().execute_unprepared(partial_index).await.map(|_| ())
    }
}

/// Queues entries from before the tree, in the order of their ids.
async fn queue_existing_rows(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for (kind, table) in [("opened", "entry"), ("completed", "completion")] {
        let copy = format!("INSERT INTO pending (kind, id) SELECT '{kind}', id FROM {table} ORDER BY id");
        connection.execute_unprepared(&copy).await?;
    }
    Ok(())
}
