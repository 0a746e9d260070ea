//! The index's people: version, practice, marks, identities. It must never hold demographics.
//!
//! Events about two people may arrive in any order, so two people may claim one identity for a moment. Such an identity
//! has no owner until one of them gives it up.

mod changes;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use changes::save_newest;
pub use entity::Model as PersonRow;
use lcr_contracts::events::PersonMark;
use lcr_model::{LocalId, PersonId, SourceId, SourceIdentity};
use lcr_store::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::MAX_ROWS_PER_STATEMENT;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
        pub version: i64,
        pub practice: Option<String>,
        pub marks: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod identity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub local_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

impl PersonRow {
    pub fn has_mark(&self, mark: &PersonMark) -> bool {
        mark.is_in(&self.marks)
    }
}

pub async fn find_by_ids(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, PersonRow>, StoreError> {
    let mut found = HashMap::new();
    for chunk in people.chunks(MAX_ROWS_PER_STATEMENT) {
        let ids = chunk.iter().map(|person| person.0);
        let rows = entity::Entity::find().filter(entity::Column::Person.is_in(ids)).all(db).await?;
        found.extend(rows.into_iter().map(|row| (PersonId(row.person), row)));
    }
    Ok(found)
}

/// All identities of these people.
pub async fn find_identities(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, BTreeSet<SourceIdentity>>, StoreError> {
    let mut found: BTreeMap<PersonId, BTreeSet<SourceIdentity>> = BTreeMap::new();
    for chunk in people.chunks(MAX_ROWS_PER_STATEMENT) {
        let ids = chunk.iter().map(|person| person.0);
        for row in identity::Entity::find().filter(identity::Column::Person.is_in(ids)).all(db).await? {
            found.entry(PersonId(row.person)).or_default().insert(to_identity(row.source, row.local_id));
        }
    }
    Ok(found)
}

/// The owners of these identities. An identity claimed by nobody or by two people is left out.
pub async fn find_owners(
    db: &impl ConnectionTrait,
    identities: impl IntoIterator<Item = &SourceIdentity>,
) -> Result<HashMap<SourceIdentity, PersonId>, StoreError> {
    let mut by_source: HashMap<&SourceId, BTreeSet<&str>> = HashMap::new();
    for one in identities {
        by_source.entry(&one.source).or_default().insert(&one.local_id.0);
    }
    let mut claims: HashMap<SourceIdentity, Vec<PersonId>> = HashMap::new();
    for (source, ids) in by_source {
        let ids: Vec<&str> = ids.into_iter().collect();
        for chunk in ids.chunks(MAX_ROWS_PER_STATEMENT) {
            let found = identity::Entity::find()
                .filter(identity::Column::Source.eq(source.as_str()))
                .filter(identity::Column::LocalId.is_in(chunk.iter().copied()));
            for row in found.all(db).await? {
                claims.entry(to_identity(row.source, row.local_id)).or_default().push(PersonId(row.person));
            }
        }
    }
    let sure = |(identity, people): (SourceIdentity, Vec<PersonId>)| match people.as_slice() {
        [person] => Some((identity, *person)),
        _ => None,
    };
    Ok(claims.into_iter().filter_map(sure).collect())
}

fn to_identity(source: String, local_id: String) -> SourceIdentity {
    SourceIdentity { source: SourceId(source), local_id: LocalId(local_id) }
}
