//! Finds candidates for a search by index. A search by postcode must never find a restricted person: even a shorter list
//! would reveal that somebody lives there.

use std::collections::BTreeSet;

use lcr_model::PersonId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::identity::identity::{Column, Entity};
use crate::domain::query::Search;

pub async fn find_candidates(db: &impl ConnectionTrait, search: &Search, limit: usize) -> Result<Vec<PersonId>, DbErr> {
    let select = Entity::find().select_only().column(Column::Person).distinct();
    let select = match search {
        Search::NhsNumber(number) => {
            select.filter(Column::NhsNumber.eq(number.as_str())).filter(Column::NumberDoubted.eq(false))
        }
        Search::Name { family, given, birth_date } => select
            .filter(Column::FamilyKey.eq(family))
            .filter(Column::BirthDate.eq(birth_date.to_string()))
            .filter(Column::GivenKey.starts_with(given)),
        Search::Postcode { postcode, family, birth_date } => {
            let mut select = select.filter(Column::PostcodeKey.eq(postcode));
            if !family.is_empty() {
                select = select.filter(Column::FamilyKey.eq(family));
            }
            if let Some(born) = birth_date {
                select = select.filter(Column::BirthDate.eq(born.to_string()));
            }
            // Restricted people have no postcode in the store (`restricted_address.rs`).
            select
        }
    };
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let found: Vec<uuid::Uuid> = select.order_by_asc(Column::Person).limit(limit).into_tuple().all(db).await?;
    let found: BTreeSet<PersonId> = found.into_iter().map(PersonId).collect();
    Ok(found.into_iter().collect())
}
