//! Erases addresses and postcodes of restricted people: the index must neither show them nor find people by them. It must
//! never change anything else.

use lcr_model::PersonId;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, Query},
};

use super::identity::{identity, person};

/// Erases the addresses of those of these people who are restricted.
pub async fn erase_restricted_addresses(tx: &impl ConnectionTrait, people: &[PersonId]) -> Result<(), DbErr> {
    if people.is_empty() {
        return Ok(());
    }
    erase(tx, Some(people)).await.map(|_| ())
}

/// Erases the addresses of all restricted people, which another version may have stored. Returns the number of records.
pub async fn erase_all_restricted_addresses(tx: &impl ConnectionTrait) -> Result<u64, DbErr> {
    erase(tx, None).await
}

async fn erase(tx: &impl ConnectionTrait, people: Option<&[PersonId]>) -> Result<u64, DbErr> {
    let mut restricted = Query::select();
    restricted.column(person::Column::Person).from(person::Entity).and_where(person::Column::Restricted.eq(true));
    if let Some(people) = people {
        restricted.and_where(person::Column::Person.is_in(people.iter().map(|person| person.0)));
    }
    let has_address =
        Condition::any().add(identity::Column::Address.is_not_null()).add(identity::Column::PostcodeKey.ne(""));
    identity::Entity::update_many()
        .col_expr(identity::Column::Address, Expr::value(None::<String>))
        .col_expr(identity::Column::PostcodeKey, Expr::value(""))
        .filter(identity::Column::Person.in_subquery(restricted))
        .filter(has_address)
        .exec(tx)
        .await
        .map(|erased| erased.rows_affected)
}
