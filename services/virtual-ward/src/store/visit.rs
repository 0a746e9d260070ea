//! Visit numbers that name the same visit: a hospital may change the number during the visit (MRG-5). Merged numbers must
//! always be found together.

use std::collections::{BTreeMap, BTreeSet};

use lcr_model::SpellId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use super::MAX_ROWS_PER_STATEMENT;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_number")]
    pub struct Model {
        /// The visit number's id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: String,
        /// The id of the number under which the visit is stored.
        pub visit: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// The visits that these numbers belong to, each with all its numbers.
pub async fn find_by_numbers(
    db: &impl ConnectionTrait,
    numbers: &BTreeSet<SpellId>,
) -> Result<BTreeMap<SpellId, BTreeSet<SpellId>>, DbErr> {
    let known = find(db, Column::Number, numbers).await?;
    let named: BTreeMap<SpellId, SpellId> = known.into_iter().map(|row| (row.number, row.visit)).collect();
    let root = |number: &SpellId| named.get(number).unwrap_or(number).clone();
    let mut visits: BTreeMap<SpellId, BTreeSet<SpellId>> = BTreeMap::new();
    for number in numbers {
        let visit = root(number);
        visits.entry(visit.clone()).or_default().extend([visit, number.clone()]);
    }
    let roots: BTreeSet<SpellId> = visits.keys().cloned().collect();
    for row in find(db, Column::Visit, &roots).await? {
        visits.entry(row.visit).or_default().insert(row.number);
    }
    Ok(visits)
}

/// Makes the numbers of each pair one visit: data stored under either is found under both. The visit of the first number
/// stays.
pub async fn merge_numbers(tx: &impl ConnectionTrait, pairs: &[(SpellId, SpellId)]) -> Result<(), DbErr> {
    if pairs.is_empty() {
        return Ok(());
    }
    let numbers = pairs.iter().flat_map(|(former, number)| [former.clone(), number.clone()]).collect();
    let mut visits = find_by_numbers(tx, &numbers).await?;
    let merged = merge_visits(&mut visits, pairs);
    let changed = visits.iter().filter(|(root, _)| merged.contains(*root));
    let rows: Vec<ActiveModel> = changed
        .flat_map(|(root, numbers)| {
            numbers.iter().filter(move |number| *number != root).map(move |number| (number, root))
        })
        .map(|(number, root)| ActiveModel { number: Set(number.0.clone()), visit: Set(root.0.clone()) })
        .collect();
    for chunk in rows.chunks(MAX_ROWS_PER_STATEMENT) {
        let update = OnConflict::column(Column::Number).update_column(Column::Visit).to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Merges the visits of each pair in turn. Returns the visits that got numbers and are still visits.
fn merge_visits(visits: &mut BTreeMap<SpellId, BTreeSet<SpellId>>, pairs: &[(SpellId, SpellId)]) -> BTreeSet<SpellId> {
    let mut merged = BTreeSet::new();
    for (former, number) in pairs {
        let visit_of = |wanted: &SpellId| {
            let visit = visits.iter().find(|(_, numbers)| numbers.contains(wanted));
            visit.map(|(root, _)| root.clone())
        };
        let (Some(root), Some(other)) = (visit_of(former), visit_of(number)) else { continue };
        if root == other {
            continue;
        }
        let numbers = visits.remove(&other).unwrap_or_default();
        visits.entry(root.clone()).or_default().extend(numbers);
        merged.remove(&other);
        merged.insert(root);
    }
    merged
}

struct VisitNumber {
    number: SpellId,
    visit: SpellId,
}

async fn find(db: &impl ConnectionTrait, by: Column, values: &BTreeSet<SpellId>) -> Result<Vec<VisitNumber>, DbErr> {
    let values: Vec<&str> = values.iter().map(SpellId::as_str).collect();
    let mut found = vec![];
    for chunk in values.chunks(MAX_ROWS_PER_STATEMENT) {
        let rows = Entity::find().filter(by.is_in(chunk.iter().copied())).all(db).await?;
        let row = |row: entity::Model| VisitNumber { number: SpellId(row.number), visit: SpellId(row.visit) };
        found.extend(rows.into_iter().map(row));
    }
    Ok(found)
}

#[cfg(test)]
#[path = "visit_tests.rs"]
mod tests;
