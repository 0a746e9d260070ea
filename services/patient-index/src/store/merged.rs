//! Merges by a source (HL7 v2 ADT^A40): merged ids belong to the person of the remaining id. A source must never bring two
//! different NHS numbers together: only the demographics authority may replace a number.

use std::collections::BTreeSet;

use lcr_contracts::events::LOGIN_SOURCE;
use lcr_model::{LocalId, PersonId, SourceIdentity};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, entity::prelude::Expr, sea_query::OnConflict,
};

use super::{identity::identity, review};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "merged")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person: Uuid,
        pub survivor: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The reasons why an identity belongs to its person.
const MERGED_REASON: &str = "merged by its source";
const DECIDED_REASON: &str = "a data steward decided that it is the same person";

/// The result of a merge.
#[derive(Debug, Default)]
pub struct MergeResult {
    /// People who lost an identity, each once.
    pub left: Vec<PersonId>,
    /// The number of ids that stay separate because their NHS numbers differ.
    pub refused: usize,
}

/// Gives the ids that `remaining` replaces to `person`. An unknown id is stored for its first update.
pub async fn give_identities(
    tx: &impl ConnectionTrait,
    remaining: &SourceIdentity,
    person: PersonId,
    replaces: &[LocalId],
) -> Result<MergeResult, DbErr> {
    let mut result = MergeResult::default();
    let number = find_row(tx, remaining).await?.and_then(|row| row.nhs_number);
    for local in replaces.iter().filter(|local| **local != remaining.local_id) {
        let gone = SourceIdentity { source: remaining.source.clone(), local_id: local.clone() };
        match find_row(tx, &gone).await? {
            None => insert_placeholder(tx, &gone, person).await?,
            Some(row) if row.person == person.0 => {}
            Some(row) if row.nhs_number.is_some() && number.is_some() && row.nhs_number != number => {
                result.refused += 1;
            }
            Some(row) => {
                move_identity(tx, &gone, person, MERGED_REASON).await?;
                result.left.push(PersonId(row.person));
            }
        }
    }
    result.left.sort_unstable();
    result.left.dedup();
    record_survivor(tx, &result.left, person).await?;
    Ok(result)
}

/// Gives a record in doubt to the person who has its number, with records of its person that have no number.
pub async fn join_record(
    tx: &impl ConnectionTrait,
    identity: &SourceIdentity,
    from: PersonId,
    to: PersonId,
) -> Result<(), DbErr> {
    let unnumbered = identity::Entity::find()
        .filter(identity::Column::Person.eq(from.0))
        .filter(identity::Column::NhsNumber.is_null());
    for row in unnumbered.all(tx).await? {
        move_identity(tx, &row.identity(), to, DECIDED_REASON).await?;
    }
    move_identity(tx, identity, to, DECIDED_REASON).await?;
    record_survivor(tx, &[from], to).await
}

/// The survivor of `person`, over any number of merges.
pub async fn find_survivor(db: &impl ConnectionTrait, person: PersonId) -> Result<PersonId, StoreError> {
    let mut seen = BTreeSet::new();
    let mut current = person;
    while let Some(row) = entity::Entity::find_by_id(current.0).one(db).await? {
        // The merges form a cycle, so the person is its own survivor.
        if !seen.insert(current) {
            return Ok(person);
        }
        current = PersonId(row.survivor);
    }
    Ok(current)
}

async fn find_row(db: &impl ConnectionTrait, key: &SourceIdentity) -> Result<Option<identity::Model>, DbErr> {
    identity::Entity::find_by_id((key.source.0.clone(), key.local_id.0.clone())).one(db).await
}

/// Moves an identity to a person. Its number is no longer in doubt.
pub async fn move_identity(
    tx: &impl ConnectionTrait,
    identity: &SourceIdentity,
    person: PersonId,
    because: &str,
) -> Result<(), DbErr> {
    identity::Entity::update_many()
        .col_expr(identity::Column::Person, Expr::value(person.0))
        .col_expr(identity::Column::Because, Expr::value(because))
        .col_expr(identity::Column::NumberDoubted, Expr::value(false))
        .filter(identity::Column::Source.eq(identity.source.as_str()))
        .filter(identity::Column::LocalId.eq(identity.local_id.0.as_str()))
        .exec(tx)
        .await
        .map(|_| ())
}

async fn insert_placeholder(tx: &impl ConnectionTrait, gone: &SourceIdentity, person: PersonId) -> Result<(), DbErr> {
    let empty = || Set(String::new());
    let row = identity::ActiveModel {
        source: Set(gone.source.0.clone()),
        local_id: Set(gone.local_id.0.clone()),
        person: Set(person.0),
        version: Set(0),
        because: Set(MERGED_REASON.to_owned()),
        nhs_number: Set(None),
        family: empty(),
        given: empty(),
        title: Set(None),
        birth_date: Set(None),
        gender: Set("unknown".to_owned()),
        address: Set(None),
        practice: Set(None),
        family_key: empty(),
        given_key: empty(),
        postcode_key: empty(),
        died: Set(false),
        restricted: Set(false),
        authority: Set(false),
        gp_registration: Set(false),
        nhs_number_verified: Set(true),
        number_doubted: Set(false),
        retired: Set(false),
    };
    identity::Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

/// Records the survivor of people who have no identity left but a sign-in. The sign-in moves to the survivor, so that the
/// patient still reaches their own record.
pub async fn record_survivor(tx: &impl ConnectionTrait, left: &[PersonId], survivor: PersonId) -> Result<(), DbErr> {
    for gone in left.iter().filter(|gone| **gone != survivor) {
        let of = |person: PersonId| identity::Entity::find().filter(identity::Column::Person.eq(person.0));
        let rest = of(*gone).filter(identity::Column::Source.ne(LOGIN_SOURCE)).one(tx).await?;
        if rest.is_some() {
            continue;
        }
        review::move_holder(tx, *gone, survivor).await?;
        let numbers: Vec<String> = of(survivor).all(tx).await?.into_iter().filter_map(|row| row.nhs_number).collect();
        for login in of(*gone).all(tx).await? {
            // A sign-in with another number belongs to another person.
            if login.nhs_number.as_ref().is_none_or(|number| numbers.is_empty() || numbers.contains(number)) {
                let key = SourceIdentity {
                    source: lcr_model::SourceId::new(LOGIN_SOURCE),
                    local_id: LocalId(login.local_id),
                };
                move_identity(tx, &key, survivor, MERGED_REASON).await?;
            }
        }
        let row = entity::ActiveModel { person: Set(gone.0), survivor: Set(survivor.0) };
        let on_conflict = OnConflict::column(entity::Column::Person).update_column(entity::Column::Survivor).to_owned();
        entity::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}
