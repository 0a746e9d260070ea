//! Finds candidates for a search by index. A search by postcode must never find a restricted person: even a shorter list
//! would reveal that somebody lives there.

use std::collections::BTreeSet;

use jiff::civil::Date;
use lcr_model::PersonId;
use lcr_store::StoreError;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::identity::identity::{Column, Entity};
use crate::domain::query::{PersonName, Search};

/// Any of the names. A family name is exact, a given name is the start of one.
fn by_names(names: &[PersonName]) -> Condition {
    names.iter().fold(Condition::any(), |any, name| {
        let family = Condition::all().add(Column::FamilyKey.eq(&name.family));
        any.add(if name.given.is_empty() { family } else { family.add(Column::GivenKey.starts_with(&name.given)) })
    })
}

fn by_birth_dates(birth_dates: &[Date]) -> Condition {
    Condition::all().add(Column::BirthDate.is_in(birth_dates.iter().map(ToString::to_string)))
}

pub async fn find_candidates(
    db: &impl ConnectionTrait,
    search: &Search,
    limit: usize,
) -> Result<Vec<PersonId>, StoreError> {
    let select = Entity::find().select_only().column(Column::Person).distinct();
    let select = match search {
        Search::NhsNumber(number) => {
            select.filter(Column::NhsNumber.eq(number.as_str())).filter(Column::NumberDoubted.eq(false))
        }
        Search::Name { names, birth_dates } => select.filter(by_names(names)).filter(by_birth_dates(birth_dates)),
        Search::Postcode { postcode, names, birth_dates } => {
            let mut select = select.filter(Column::PostcodeKey.eq(postcode));
            if !names.is_empty() {
                select = select.filter(by_names(names));
            }
            if !birth_dates.is_empty() {
                select = select.filter(by_birth_dates(birth_dates));
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
