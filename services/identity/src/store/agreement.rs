//! Schedules, appointments, signatures and signed texts of the agreement. A signature and a signed text must never change or be
//! deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::partners::agreement::AgreementText;
use lcr_model::{OdsCode, UserId};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set, TryInsertResult,
    sea_query::OnConflict,
};
use uuid::Uuid;

use self::tables::{schedule, signatory, signature, signed_text};
pub use stored::{AgreementRecords, Appointment, Signature, StoredSchedule};
use stored::{parse_uuid, to_appointment, to_schedule, to_signature};

mod stored;
pub mod tables;

/// The agreement of one registration.
pub async fn load(db: &impl ConnectionTrait, registration: Uuid) -> Result<AgreementRecords, StoreError> {
    let id = registration.to_string();
    let schedules = schedule::Entity::find()
        .filter(schedule::Column::Registration.eq(id.as_str()))
        .order_by_asc(schedule::Column::At)
        .order_by_asc(schedule::Column::Id)
        .all(db)
        .await?;
    let appointments =
        signatory::Entity::find().filter(signatory::Column::Registration.eq(id.as_str())).all(db).await?;
    let signatures = signature::Entity::find().filter(signature::Column::Registration.eq(id.as_str())).all(db).await?;
    Ok(AgreementRecords {
        schedules: schedules.iter().map(to_schedule).collect::<Result<_, DbErr>>()?,
        appointments: appointments.into_iter().map(to_appointment).collect::<Result<_, DbErr>>()?,
        signatures: signatures.into_iter().map(to_signature).collect::<Result<_, DbErr>>()?,
    })
}

/// The schedules and signatures of every registration, without appointments.
pub async fn load_all(db: &impl ConnectionTrait) -> Result<BTreeMap<Uuid, AgreementRecords>, StoreError> {
    let mut all: BTreeMap<Uuid, AgreementRecords> = BTreeMap::new();
    let schedules =
        schedule::Entity::find().order_by_asc(schedule::Column::At).order_by_asc(schedule::Column::Id).all(db).await?;
    for row in schedules {
        all.entry(parse_uuid(&row.registration)?).or_default().schedules.push(to_schedule(&row)?);
    }
    for row in signature::Entity::find().all(db).await? {
        let registration = parse_uuid(&row.registration)?;
        all.entry(registration).or_default().signatures.push(to_signature(row)?);
    }
    Ok(all)
}

/// Whether this user is appointed by any duty of the organisation's registration.
pub async fn is_appointed(db: &impl ConnectionTrait, registration: Uuid, user: &UserId) -> Result<bool, StoreError> {
    let found = signatory::Entity::find()
        .filter(signatory::Column::Registration.eq(registration.to_string()))
        .filter(signatory::Column::User.eq(user.as_str()))
        .one(db)
        .await?;
    Ok(found.is_some())
}

pub async fn insert_schedule(
    tx: &impl ConnectionTrait,
    registration: Uuid,
    new: &StoredSchedule,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = schedule::ActiveModel {
        id: Set(new.id.to_string()),
        registration: Set(registration.to_string()),
        body: Set(serde_json::to_string(&new.schedule).map_err(|e| DbErr::Json(e.to_string()))?),
        at: Set(at.as_microsecond()),
    };
    schedule::Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

pub async fn appoint(
    tx: &impl ConnectionTrait,
    registration: Uuid,
    appointment: &Appointment,
    at: Timestamp,
) -> Result<(), DbErr> {
    use signatory::Column as C;
    let row = signatory::ActiveModel {
        registration: Set(registration.to_string()),
        duty: Set(appointment.duty.as_str().to_owned()),
        user: Set(appointment.user.to_string()),
        name: Set(appointment.name.clone()),
        appointed: Set(at.as_microsecond()),
    };
    let update =
        OnConflict::columns([C::Registration, C::Duty]).update_columns([C::User, C::Name, C::Appointed]).to_owned();
    signatory::Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// Stores a signature and the text that it is under. False if this duty has signed this text.
pub async fn sign(
    tx: &impl ConnectionTrait,
    (ods, registration): (&OdsCode, Uuid),
    new: &Signature,
    text: &AgreementText,
) -> Result<bool, DbErr> {
    let row = signature::ActiveModel {
        registration: Set(registration.to_string()),
        duty: Set(new.duty.as_str().to_owned()),
        text_hash: Set(new.text_hash.clone()),
        ods: Set(ods.to_string()),
        user: Set(new.user.to_string()),
        version: Set(new.version.clone()),
        schedule: Set(new.schedule.to_string()),
        at: Set(new.at.as_microsecond()),
    };
    let signed = signature::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
    if !matches!(signed, TryInsertResult::Inserted(1)) {
        return Ok(false);
    }
    let row = signed_text::ActiveModel {
        text_hash: Set(text.text_hash.clone()),
        version: Set(text.version.clone()),
        body: Set(serde_json::to_string(text).map_err(|e| DbErr::Json(e.to_string()))?),
    };
    signed_text::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await.map(|_| true)
}
