//! Where a restricted person lives is not kept here: nobody may be shown it by the index, and nobody may find them by it.
//! It must never touch anything but addresses and postcodes.

use lcr_model::PersonId;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, Query},
};

use super::identity::{identity, person};

/// Erases the places of those of these people who are restricted.
pub async fn forget_places(tx: &impl ConnectionTrait, people: &[PersonId]) -> Result<(), DbErr> {
    if people.is_empty() {
        return Ok(());
    }
    erase(tx, Some(people)).await.map(|_| ())
}

/// Erases the places of everybody who is restricted: for what was kept before this rule. Returns
/// how many records had one.
pub async fn forget_all_places(tx: &impl ConnectionTrait) -> Result<u64, DbErr> {
    erase(tx, None).await
}

async fn erase(tx: &impl ConnectionTrait, people: Option<&[PersonId]>) -> Result<u64, DbErr> {
    let mut restricted = Query::select();
    restricted
        .column(person::Column::Person)
        .from(person::Entity)
        .and_where(person::Column::Restricted.eq(true));
    if let Some(people) = people {
        restricted.and_where(person::Column::Person.is_in(people.iter().map(|person| person.0)));
    }
    let kept = Condition::any()
        .add(identity::Column::Address.is_not_null())
        .add(identity::Column::PostcodeKey.ne(""));
    identity::Entity::update_many()
        .col_expr(identity::Column::Address, Expr::value(None::<String>))
        .col_expr(identity::Column::PostcodeKey, Expr::value(""))
        .filter(identity::Column::Person.in_subquery(restricted))
        .filter(kept)
        .exec(tx)
        .await
        .map(|erased| erased.rows_affected)
}
