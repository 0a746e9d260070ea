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

/// Makes two numbers one visit: data stored under either is found under both.
pub async fn merge_numbers(tx: &impl ConnectionTrait, former: &SpellId, number: &SpellId) -> Result<(), DbErr> {
    let both = BTreeSet::from([former.clone(), number.clone()]);
    let visits = find_by_numbers(tx, &both).await?;
    let Some(root) = visits.iter().find(|(_, numbers)| numbers.contains(former)).map(|(root, _)| root) else {
        return Ok(());
    };
    let all = visits.values().flatten().filter(|number| *number != root);
    let rows: Vec<ActiveModel> =
        all.map(|number| ActiveModel { number: Set(number.0.clone()), visit: Set(root.0.clone()) }).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let update = OnConflict::column(Column::Number).update_column(Column::Visit).to_owned();
    Entity::insert_many(rows).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
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
