//! Identities as their sources state them, and the people to whom they belong. Demographics must never leave this service
//! except in the patient summary.

mod tables;

use std::collections::HashMap;

use lcr_contracts::events::{LOGIN_SOURCE, SourcePatient};
use lcr_model::{LocalId, NhsNumber, OdsCode, PersonId, SourceId, SourceIdentity, UserId};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QuerySelect,
    RelationDef, Set, entity::prelude::Expr, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::domain::{
    link::{self, Holder, IdentityUpdate, IndexState, PersonAttributes, Placement, StoredIdentity, valid_number},
    normalise,
};

pub use identity::Model as IdentityRow;
pub use person::Model as PersonRow;
pub use tables::{identity, person};

/// The most rows of one statement. The widest row has 23 columns.
const MAX_ROWS_PER_STATEMENT: usize = 500;

/// Loads the part of the index that these updates affect.
pub async fn load_state(db: &impl ConnectionTrait, updates: &[IdentityUpdate]) -> Result<IndexState, DbErr> {
    let mut state = IndexState::default();
    let mut by_source: HashMap<&SourceId, Vec<&str>> = HashMap::new();
    for update in updates {
        by_source.entry(&update.identity.source).or_default().push(&update.identity.local_id.0);
    }
    for (source, ids) in by_source {
        // Demographics are not needed here, and are most of a row.
        let rows: Vec<(String, Uuid, i64, Option<String>, bool)> = identity::Entity::find()
            .select_only()
            .columns([
                identity::Column::LocalId,
                identity::Column::Person,
                identity::Column::Version,
                identity::Column::NhsNumber,
                identity::Column::NumberDoubted,
            ])
            .filter(identity::Column::Source.eq(source.as_str()))
            .filter(identity::Column::LocalId.is_in(ids))
            .into_tuple()
            .all(db)
            .await?;
        for (local_id, person, version, number, number_doubted) in rows {
            let key = SourceIdentity { source: source.clone(), local_id: LocalId(local_id) };
            let number = number.as_deref().and_then(|text| NhsNumber::parse(text).ok());
            state.identities.insert(key, StoredIdentity { person: PersonId(person), version, number, number_doubted });
        }
    }
    let unnumbered: Vec<PersonId> =
        state.identities.values().filter(|stored| stored.number.is_none()).map(|stored| stored.person).collect();
    if !unnumbered.is_empty() {
        for row in identities_of(db, &unnumbered).await? {
            if let Some(number) = row.number().filter(|_| !row.number_doubted) {
                state.numbers.entry(PersonId(row.person)).or_default().push(number);
            }
        }
    }
    let numbers = updates.iter().filter_map(|update| valid_number(&update.patient)).map(String::from);
    let undoubted = identity::Entity::find()
        .filter(identity::Column::NhsNumber.is_in(numbers))
        .filter(identity::Column::NumberDoubted.eq(false));
    for row in undoubted.all(db).await? {
        if let Some(number) = row.number() {
            state.by_number.entry(number).or_default().push(row.to_holder());
        }
    }
    state.kept_separate = super::review::find_separated(db, &state.identities).await?;
    Ok(state)
}

/// All identities of these people.
pub async fn identities_of(db: &impl ConnectionTrait, people: &[PersonId]) -> Result<Vec<IdentityRow>, StoreError> {
    let ids = people.iter().map(|person| person.0);
    Ok(identity::Entity::find().filter(identity::Column::Person.is_in(ids)).all(db).await?)
}

/// All identities of these people, each with its person. One statement reads both, so that no identity is newer than the
/// version of its person.
pub async fn identities_with_people(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<Vec<(IdentityRow, Option<PersonRow>)>, StoreError> {
    if people.is_empty() {
        return Ok(vec![]);
    }
    let of_person: RelationDef =
        identity::Entity::belongs_to(person::Entity).from(identity::Column::Person).to(person::Column::Person).into();
    let ids = people.iter().map(|person| person.0);
    let rows = identity::Entity::find().filter(identity::Column::Person.is_in(ids)).join(JoinType::LeftJoin, of_person);
    Ok(rows.select_also(person::Entity).all(db).await?)
}

/// The stored row of one identity.
pub async fn find_identity(db: &impl ConnectionTrait, one: &SourceIdentity) -> Result<Option<IdentityRow>, StoreError> {
    let key = (one.source.0.clone(), one.local_id.0.clone());
    Ok(identity::Entity::find_by_id(key).one(db).await?)
}

/// Puts a person's number in doubt. Returns the identities that have it.
pub async fn doubt_number(
    tx: &impl ConnectionTrait,
    person: PersonId,
    number: &NhsNumber,
) -> Result<Vec<SourceIdentity>, DbErr> {
    let of_number = Condition::all()
        .add(identity::Column::Person.eq(person.0))
        .add(identity::Column::NhsNumber.eq(number.as_str()))
        .add(identity::Column::NumberDoubted.eq(false));
    let rows = identity::Entity::find().filter(of_number.clone()).all(tx).await?;
    identity::Entity::update_many()
        .col_expr(identity::Column::NumberDoubted, Expr::value(true))
        .filter(of_number)
        .exec(tx)
        .await?;
    Ok(rows.iter().map(IdentityRow::identity).collect())
}

/// The person to whom a patient's sign-in is linked.
pub async fn find_by_login(db: &impl ConnectionTrait, user: &UserId) -> Result<Option<PersonId>, StoreError> {
    let key = (LOGIN_SOURCE.to_owned(), user.0.clone());
    Ok(identity::Entity::find_by_id(key).one(db).await?.map(|row| PersonId(row.person)))
}

pub async fn find_people(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<HashMap<PersonId, person::Model>, StoreError> {
    let ids = people.iter().map(|person| person.0);
    let rows = person::Entity::find().filter(person::Column::Person.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.person), row)).collect())
}

pub async fn count(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Ok(person::Entity::find().count(db).await?)
}

/// Stores placed identities and the new attributes of their people.
pub async fn store_placements(
    tx: &impl ConnectionTrait,
    placed: &[(&IdentityUpdate, &Placement)],
    attributes: &HashMap<PersonId, (i64, PersonAttributes)>,
) -> Result<(), DbErr> {
    // Only the last update of an identity in a batch is stored, because a statement may not change a row twice.
    let newest: HashMap<&SourceIdentity, identity::ActiveModel> =
        placed.iter().map(|(update, placement)| (&update.identity, to_row(update, placement))).collect();
    let rows: Vec<_> = newest.into_values().collect();
    for chunk in rows.chunks(MAX_ROWS_PER_STATEMENT) {
        let on_conflict = OnConflict::columns([identity::Column::Source, identity::Column::LocalId])
            .update_columns(updated_columns())
            .to_owned();
        identity::Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    let people: Vec<_> = attributes
        .iter()
        .map(|(id, (version, combined))| person::ActiveModel {
            person: Set(id.0),
            version: Set(*version),
            restricted: Set(combined.restricted),
            died: Set(combined.died),
        })
        .collect();
    for chunk in people.chunks(MAX_ROWS_PER_STATEMENT) {
        let on_conflict = OnConflict::column(person::Column::Person)
            .update_columns([person::Column::Version, person::Column::Restricted, person::Column::Died])
            .to_owned();
        person::Entity::insert_many(chunk.to_vec()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn updated_columns() -> Vec<identity::Column> {
    use sea_orm::Iterable;
    let key = |column: &identity::Column| {
        matches!(column, identity::Column::Source | identity::Column::LocalId | identity::Column::Because)
    };
    identity::Column::iter().filter(|column| !key(column)).collect()
}

fn to_row(update: &IdentityUpdate, placed: &Placement) -> identity::ActiveModel {
    let patient = &update.patient;
    identity::ActiveModel {
        source: Set(update.identity.source.0.clone()),
        local_id: Set(update.identity.local_id.0.clone()),
        person: Set(placed.person.0),
        version: Set(update.version),
        because: Set(placed.because.to_owned()),
        nhs_number: Set(valid_number(patient).map(String::from)),
        family: Set(patient.family.clone()),
        given: Set(patient.given.clone()),
        title: Set(patient.title.clone()),
        birth_date: Set(patient.birth_date.map(|date| date.to_string())),
        gender: Set(patient.gender.clone()),
        address: Set(patient.address.clone()),
        practice: Set(patient.practice.as_ref().map(|practice| practice.0.clone())),
        family_key: Set(normalise::name(&patient.family)),
        given_key: Set(normalise::name(&patient.given)),
        postcode_key: Set(patient.postcode.as_deref().map(normalise::postcode).unwrap_or_default()),
        died: Set(patient.died),
        restricted: Set(patient.restricted),
        authority: Set(patient.authority),
        gp_registration: Set(patient.gp_registration),
        nhs_number_verified: Set(patient.nhs_number_verified),
        number_doubted: Set(placed.number_doubted),
        retired: Set(patient.is_retired()),
    }
}

impl IdentityRow {
    /// The source's data, as far as a person's attributes need them.
    pub fn to_source_patient(&self) -> SourcePatient {
        SourcePatient {
            source: SourceId::new(self.source.clone()),
            nhs_number: self.nhs_number.clone(),
            nhs_number_verified: self.nhs_number_verified,
            family: self.family.clone(),
            given: self.given.clone(),
            title: self.title.clone(),
            birth_date: self.birth_date.as_deref().and_then(|text| text.parse().ok()),
            gender: self.gender.clone(),
            address: self.address.clone(),
            postcode: None,
            practice: self.practice.clone().map(OdsCode),
            died: self.died,
            restricted: self.restricted,
            authority: self.authority,
            gp_registration: self.gp_registration,
            replaces: vec![],
            active: !self.retired,
            links: vec![],
        }
    }

    pub fn number(&self) -> Option<NhsNumber> {
        self.nhs_number.as_deref().and_then(|text| NhsNumber::parse(text).ok())
    }

    fn to_holder(&self) -> Holder {
        Holder {
            identity: self.identity(),
            person: PersonId(self.person),
            birth_date: self.birth_date.as_deref().and_then(|text| text.parse().ok()),
            given: self.given.clone(),
            family: self.family.clone(),
            sex: self.gender.clone(),
            rank: link::rank(self.authority, self.gp_registration),
        }
    }

    pub fn identity(&self) -> SourceIdentity {
        SourceIdentity { source: SourceId::new(self.source.clone()), local_id: LocalId(self.local_id.clone()) }
    }
}
