//! The migration of the tables of people, requests for access and directory settings. It must never change.

use sea_orm::{
    DbErr,
    sea_query::{ColumnDef, Index, IntoIden, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, big_integer_null, boolean, string, string_null, text},
};

use super::{
    access_request::entity::{self as request, Column as Q},
    directory_setting::entity::{self as setting, Column as D},
    person::entity::{self as person, Column as P},
    person_change::entity::{self as change, Column as C},
};

pub struct People;

impl MigrationName for People {
    fn name(&self) -> &'static str {
        "m20261202_000011_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for People {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_people(manager).await?;
        create_requests(manager).await?;
        let mut settings = Table::create();
        settings.table(setting::Entity).col(string(D::Org).primary_key()).col(boolean(D::Required));
        settings.col(unique_text(D::ScimTokenHash)).col(big_integer(D::Changed));
        manager.create_table(settings).await?;
        let mut changes = Table::create();
        changes.table(change::Entity).col(string(C::Id).primary_key()).col(string(C::Org)).col(string(C::Person));
        changes.col(big_integer(C::At)).col(string(C::Source)).col(text(C::What));
        manager.create_table(changes).await?;
        let mut index = Index::create();
        index.name("person_change_person").table(change::Entity).col(C::Org).col(C::Person);
        manager.create_index(index).await
    }
}

fn unique_text(column: impl IntoIden) -> ColumnDef {
    let mut definition = ColumnDef::new(column);
    definition.string().null().unique_key();
    definition
}

async fn create_people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut people = Table::create();
    people.table(person::Entity).col(string(P::Id).primary_key()).col(string(P::Org));
    for column in [P::UserNameHash, P::ExternalHash, P::User] {
        people.col(string_null(column));
    }
    people.col(text(P::Sealed)).col(string(P::Roles)).col(boolean(P::Active)).col(string(P::EndedBy));
    people.col(boolean(P::Hidden)).col(string(P::Source));
    for column in [P::Version, P::Created, P::Changed] {
        people.col(big_integer(column));
    }
    people.col(big_integer_null(P::FirstSignedIn)).col(big_integer_null(P::LastSignedIn));
    manager.create_table(people).await?;
    let index =
        |name: &str, column: P| Index::create().name(name).table(person::Entity).col(P::Org).col(column).to_owned();
    // Two replicas that add the same person at once make one row.
    let mut by_name = index("directory_person_user_name", P::UserNameHash);
    manager.create_index(by_name.unique().to_owned()).await?;
    for each in [
        index("directory_person_external", P::ExternalHash),
        index("directory_person_user", P::User),
        index("directory_person_id", P::Id),
    ] {
        manager.create_index(each).await?;
    }
    Ok(())
}

async fn create_requests(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut requests = Table::create();
    requests.table(request::Entity).col(string(Q::Id).primary_key());
    requests.col(string(Q::Org)).col(string(Q::ApplicantHash)).col(text(Q::Sealed)).col(string(Q::Role));
    requests.col(big_integer(Q::Asked)).col(big_integer(Q::DecideBy)).col(text(Q::Checks));
    requests.col(string_null(Q::Decision)).col(big_integer_null(Q::Decided));
    manager.create_table(requests).await?;
    let index =
        |name: &str, column: Q| Index::create().name(name).table(request::Entity).col(Q::Org).col(column).to_owned();
    manager.create_index(index("access_request_asked", Q::Asked)).await?;
    manager.create_index(index("access_request_applicant", Q::ApplicantHash)).await
}
