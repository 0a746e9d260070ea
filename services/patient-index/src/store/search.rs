//! Finding candidates by index. At most `most` people. Who is restricted is never among those found by a place: that a
//! list is one person short, or is cut at another place, would tell that somebody lives there.

use std::collections::BTreeSet;

use lcr_model::PersonId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::identity::identity::{Column, Entity};
use crate::domain::query::Search;

pub async fn candidates(
    db: &impl ConnectionTrait,
    search: &Search,
    most: usize,
) -> Result<Vec<PersonId>, DbErr> {
    let find = Entity::find().select_only().column(Column::Person).distinct();
    let find = match search {
        Search::NhsNumber(number) => {
            find.filter(Column::NhsNumber.eq(number.as_str())).filter(Column::NumberDoubted.eq(false))
        }
        Search::Name { family, given, birth_date } => find
            .filter(Column::FamilyKey.eq(family))
            .filter(Column::BirthDate.eq(birth_date.to_string()))
            .filter(Column::GivenKey.starts_with(given)),
        Search::Postcode { postcode, family, birth_date } => {
            let mut find = find.filter(Column::PostcodeKey.eq(postcode));
            if !family.is_empty() {
                find = find.filter(Column::FamilyKey.eq(family));
            }
            if let Some(born) = birth_date {
                find = find.filter(Column::BirthDate.eq(born.to_string()));
            }
            // Restricted people have no place here at all (`restricted`).
            find
        }
    };
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    let found: Vec<uuid::Uuid> = find.order_by_asc(Column::Person).limit(limit).into_tuple().all(db).await?;
    let found: BTreeSet<PersonId> = found.into_iter().map(PersonId).collect();
    Ok(found.into_iter().collect())
}
