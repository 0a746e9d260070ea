//! What a source merged (A40): the ids it gave up belong to the person of the one it kept. Two different NHS
//! numbers are never brought together by a feed's word: only the demographics authority may supersede one.

use std::collections::BTreeSet;

use lcr_contracts::events::LOGIN_SOURCE;
use lcr_model::{LocalId, PersonId, SourceIdentity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set, entity::prelude::Expr,
    sea_query::OnConflict,
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

/// Why an identity is with its person.
const BECAUSE: &str = "merged by its source";
const DECIDED: &str = "a data steward decided that it is the same person";

/// What giving did.
#[derive(Debug, Default)]
pub struct Given {
    /// People who lost an identity, each once.
    pub left: Vec<PersonId>,
    /// Ids kept apart because their NHS numbers differ: for a steward.
    pub refused: usize,
}

/// Gives the ids `kept` replaces to `person`. An id nobody has told of yet is kept for when somebody does.
pub async fn give(
    tx: &impl ConnectionTrait,
    kept: &SourceIdentity,
    person: PersonId,
    replaces: &[LocalId],
) -> Result<Given, DbErr> {
    let mut given = Given::default();
    let number = find(tx, kept).await?.and_then(|row| row.nhs_number);
    for local in replaces.iter().filter(|local| **local != kept.local_id) {
        let gone = SourceIdentity { source: kept.source.clone(), local_id: local.clone() };
        match find(tx, &gone).await? {
            None => insert(tx, &gone, person).await?,
            Some(row) if row.person == person.0 => {}
            Some(row) if row.nhs_number.is_some() && number.is_some() && row.nhs_number != number => {
                given.refused += 1;
            }
            Some(row) => {
                repoint(tx, &gone, person, BECAUSE).await?;
                given.left.push(PersonId(row.person));
            }
        }
    }
    given.left.sort_unstable();
    given.left.dedup();
    remember(tx, &given.left, person).await?;
    Ok(given)
}

/// Gives a record in doubt to the person who has its number, with the numberless records of its person.
pub async fn join(
    tx: &impl ConnectionTrait,
    identity: &SourceIdentity,
    from: PersonId,
    to: PersonId,
) -> Result<(), DbErr> {
    let beside = identity::Entity::find()
        .filter(identity::Column::Person.eq(from.0))
        .filter(identity::Column::NhsNumber.is_null());
    for row in beside.all(tx).await? {
        repoint(tx, &row.identity(), to, DECIDED).await?;
    }
    repoint(tx, identity, to, DECIDED).await?;
    remember(tx, &[from], to).await
}

/// The person who stands for `person`, over any number of merges.
pub async fn survivor(db: &impl ConnectionTrait, person: PersonId) -> Result<PersonId, DbErr> {
    let mut seen = BTreeSet::new();
    let mut now = person;
    while let Some(row) = entity::Entity::find_by_id(now.0).one(db).await? {
        // Merged to and fro: the one asked for stands for itself.
        if !seen.insert(now) {
            return Ok(person);
        }
        now = PersonId(row.survivor);
    }
    Ok(now)
}

async fn find(db: &impl ConnectionTrait, one: &SourceIdentity) -> Result<Option<identity::Model>, DbErr> {
    identity::Entity::find_by_id((one.source.0.clone(), one.local_id.0.clone())).one(db).await
}

/// Gives an identity to a person. Its number is that person's from now on.
pub async fn repoint(
    tx: &impl ConnectionTrait,
    gone: &SourceIdentity,
    person: PersonId,
    because: &str,
) -> Result<(), DbErr> {
    identity::Entity::update_many()
        .col_expr(identity::Column::Person, Expr::value(person.0))
        .col_expr(identity::Column::Because, Expr::value(because))
        .col_expr(identity::Column::NumberDoubted, Expr::value(false))
        .filter(identity::Column::Source.eq(gone.source.as_str()))
        .filter(identity::Column::LocalId.eq(gone.local_id.0.as_str()))
        .exec(tx)
        .await
        .map(|_| ())
}

async fn insert(tx: &impl ConnectionTrait, gone: &SourceIdentity, person: PersonId) -> Result<(), DbErr> {
    let empty = || Set(String::new());
    let row = identity::ActiveModel {
        source: Set(gone.source.0.clone()),
        local_id: Set(gone.local_id.0.clone()),
        person: Set(person.0),
        version: Set(0),
        because: Set(BECAUSE.to_owned()),
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

/// A person is stood for by another once nothing but a sign-in is left to them; the sign-in goes along, so that what
/// they may ask of themselves stays theirs.
pub async fn remember(tx: &impl ConnectionTrait, left: &[PersonId], survivor: PersonId) -> Result<(), DbErr> {
    for gone in left.iter().filter(|gone| **gone != survivor) {
        let of = |person: PersonId| identity::Entity::find().filter(identity::Column::Person.eq(person.0));
        let rest = of(*gone).filter(identity::Column::Source.ne(LOGIN_SOURCE)).one(tx).await?;
        if rest.is_some() {
            continue;
        }
        review::move_holder(tx, *gone, survivor).await?;
        let numbers: Vec<String> =
            of(survivor).all(tx).await?.into_iter().filter_map(|row| row.nhs_number).collect();
        for login in of(*gone).all(tx).await? {
            // A sign-in that proved another number is somebody else's.
            if login.nhs_number.as_ref().is_none_or(|number| numbers.is_empty() || numbers.contains(number)) {
                let key = SourceIdentity {
                    source: lcr_model::SourceId::new(LOGIN_SOURCE),
                    local_id: LocalId(login.local_id),
                };
                repoint(tx, &key, survivor, BECAUSE).await?;
            }
        }
        let row = entity::ActiveModel { person: Set(gone.0), survivor: Set(survivor.0) };
        let again =
            OnConflict::column(entity::Column::Person).update_column(entity::Column::Survivor).to_owned();
        entity::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    }
    Ok(())
}
