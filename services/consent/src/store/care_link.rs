//! Care links as sources sent them: a projection of `feeds.care-link`. The newest version of a link wins, in whatever order
//! versions arrive. A link names a source's identity, so it waits until a person has that identity.

mod recount;

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::events::{CareLink, CareLinkReceived};
use lcr_model::{OdsCode, PersonId, SourceId};
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryFilter,
    sea_query::OnConflict,
};

use super::{choice::identity_key, person::entity::Model as PersonRow};
use crate::domain::care_links::StoredLink;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "care_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub link: String,
        pub version: i64,
        pub identity_key: String,
        pub kind: String,
        pub organisation: String,
        pub team: Option<String>,
        pub from: Option<i64>,
        pub until: Option<i64>,
        /// The time of the event that brought this version.
        pub arrived: i64,
        pub stands: bool,
        /// When it counts, for queries. Equal if it never counts.
        pub counts_from: i64,
        pub counts_until: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

pub use entity::Model as CareLinkRow;

use recount::counts;
pub use recount::{LinkKey, recount_batch};

/// The most values of one condition.
const MAX_IN_CONDITION: usize = 500;

/// The row of an event that arrived at `arrived`.
pub fn to_row(event: CareLinkReceived, link: CareLink, arrived: Timestamp) -> CareLinkRow {
    let (counts_from, counts_until) = counts(&link, arrived);
    CareLinkRow {
        identity_key: identity_key(&event.identity),
        source: event.identity.source.0,
        link: event.link,
        version: event.version,
        kind: link.kind.to_string(),
        organisation: link.organisation.0,
        team: link.team,
        from: link.from.map(Timestamp::as_microsecond),
        until: link.until.map(Timestamp::as_microsecond),
        arrived: arrived.as_microsecond(),
        stands: link.stands,
        counts_from,
        counts_until,
    }
}

impl CareLinkRow {
    /// A newer version, or the same version that was sent earlier.
    fn replaces(&self, stored: &Self) -> bool {
        (self.version, stored.arrived) > (stored.version, self.arrived)
    }

    /// What decisions at `now` follow from: whose person, kind and organisation.
    fn effect(&self, now: Timestamp) -> Option<(&str, &str, &str)> {
        let now = now.as_microsecond();
        let counts = self.counts_from <= now && self.counts_until.is_none_or(|until| now < until);
        counts.then_some((self.identity_key.as_str(), self.kind.as_str(), self.organisation.as_str()))
    }
}

/// Links whose period includes `now`.
pub(super) fn counts_at(now: Timestamp) -> Condition {
    let now = now.as_microsecond();
    let open = Condition::any().add(Column::CountsUntil.is_null()).add(Column::CountsUntil.gt(now));
    Condition::all().add(Column::CountsFrom.lte(now)).add(open)
}

/// Stores newer versions. Returns the identity keys of the people whose relationships at `now` may have changed. A link that
/// moves to another person affects both.
pub async fn store_links(
    tx: &impl ConnectionTrait,
    received: Vec<CareLinkRow>,
    now: Timestamp,
) -> Result<Vec<String>, DbErr> {
    let mut newest = find_stored(tx, &received).await?;
    let (mut changed, mut affected) = (HashMap::new(), Vec::new());
    for row in received {
        let id = (row.source.clone(), row.link.clone());
        let stored = newest.get(&id);
        if stored.is_some_and(|stored| !row.replaces(stored)) {
            continue;
        }
        let (before, after) = (stored.and_then(|stored| stored.effect(now)), row.effect(now));
        if before != after {
            affected.extend(before.into_iter().chain(after).map(|(key, ..)| key.to_owned()));
        }
        changed.insert(id.clone(), row.clone());
        newest.insert(id, row);
    }
    let rows: Vec<ActiveModel> = changed.into_values().map(|row| ActiveModel::from(row).reset_all()).collect();
    for chunk in rows.chunks(200) {
        let others = Column::iter().filter(|column| !matches!(column, Column::Source | Column::Link));
        let on_conflict = OnConflict::columns([Column::Source, Column::Link]).update_columns(others).to_owned();
        Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(affected)
}

async fn find_stored(
    tx: &impl ConnectionTrait,
    received: &[CareLinkRow],
) -> Result<HashMap<(String, String), CareLinkRow>, DbErr> {
    let mut links: HashMap<&str, Vec<&str>> = HashMap::new();
    for row in received {
        links.entry(&row.source).or_default().push(&row.link);
    }
    let mut stored = HashMap::new();
    for (source, links) in links {
        for chunk in links.chunks(MAX_IN_CONDITION) {
            let rows = Entity::find().filter(Column::Source.eq(source));
            let rows = rows.filter(Column::Link.is_in(chunk.iter().copied())).all(tx).await?;
            stored.extend(rows.into_iter().map(|row| ((row.source.clone(), row.link.clone()), row)));
        }
    }
    Ok(stored)
}

/// The links of each of these people whose period includes `now`.
pub async fn links_of(
    db: &impl ConnectionTrait,
    people: &HashMap<PersonId, PersonRow>,
    now: Timestamp,
) -> Result<HashMap<PersonId, Vec<StoredLink>>, StoreError> {
    let keys: Vec<&str> = people.values().flat_map(|row| row.identities.lines()).collect();
    let mut by_key: HashMap<String, Vec<StoredLink>> = HashMap::new();
    for chunk in keys.chunks(MAX_IN_CONDITION) {
        let rows = Entity::find().filter(Column::IdentityKey.is_in(chunk.iter().copied())).filter(counts_at(now));
        for row in rows.all(db).await? {
            by_key.entry(row.identity_key.clone()).or_default().push(to_link(row)?);
        }
    }
    let of_person = |row: &PersonRow| -> Vec<StoredLink> {
        row.identities.lines().filter_map(|key| by_key.get(key)).flatten().cloned().collect()
    };
    Ok(people.iter().map(|(person, row)| (*person, of_person(row))).collect())
}

fn to_link(row: CareLinkRow) -> Result<StoredLink, DbErr> {
    let time = |micros: i64| Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
    Ok(StoredLink {
        source: SourceId(row.source),
        arrived: time(row.arrived)?,
        link: CareLink {
            kind: row.kind.into(),
            organisation: OdsCode(row.organisation),
            team: row.team,
            from: row.from.map(time).transpose()?,
            until: row.until.map(time).transpose()?,
            stands: row.stands,
        },
    })
}

#[cfg(test)]
#[path = "care_link_tests.rs"]
mod tests;
