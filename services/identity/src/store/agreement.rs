//! Schedules, appointments, signatures and signed texts of the agreement. A signature and a signed text must never change or be
//! deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::partners::{
    agreement::AgreementText,
    organisation::{DataFlowSchedule, Duty},
};
use lcr_model::{OdsCode, UserId};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Set, TryInsertResult,
    sea_query::OnConflict,
};
use uuid::Uuid;

use self::tables::{schedule, signatory, signature, signed_text};

pub mod tables;

/// A schedule as the organisation set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSchedule {
    pub id: Uuid,
    pub schedule: DataFlowSchedule,
}

/// Who is appointed to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    pub duty: Duty,
    pub user: UserId,
    pub name: String,
}

/// A signature under one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub duty: Duty,
    pub user: UserId,
    /// The version of the agreement.
    pub version: String,
    /// The id of the schedule.
    pub schedule: Uuid,
    pub text_hash: String,
    pub at: Timestamp,
}

/// Everything about the agreement of one registration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgreementRecords {
    /// The oldest first.
    pub schedules: Vec<StoredSchedule>,
    pub appointments: Vec<Appointment>,
    pub signatures: Vec<Signature>,
}

impl AgreementRecords {
    /// The schedule that new signatures are about.
    pub fn newest_schedule(&self) -> Option<&StoredSchedule> {
        self.schedules.last()
    }

    pub fn schedule(&self, id: Uuid) -> Option<&DataFlowSchedule> {
        self.schedules.iter().find(|one| one.id == id).map(|one| &one.schedule)
    }

    pub fn appointment(&self, duty: Duty) -> Option<&Appointment> {
        self.appointments.iter().find(|one| one.duty == duty)
    }
}

fn parse_uuid(text: &str) -> Result<Uuid, DbErr> {
    text.parse().map_err(|_| DbErr::Type("an id of the agreement is no UUID".to_owned()))
}

fn parse_duty(text: &str) -> Result<Duty, DbErr> {
    let duty = Duty::ALL.into_iter().find(|duty| duty.as_str() == text);
    duty.ok_or_else(|| DbErr::Type("a duty this version does not know".to_owned()))
}

fn to_schedule(row: &schedule::Model) -> Result<StoredSchedule, DbErr> {
    let schedule = serde_json::from_str(&row.body).map_err(|e| DbErr::Json(e.to_string()))?;
    Ok(StoredSchedule { id: parse_uuid(&row.id)?, schedule })
}

fn to_appointment(row: signatory::Model) -> Result<Appointment, DbErr> {
    Ok(Appointment { duty: parse_duty(&row.duty)?, user: UserId::new(row.user), name: row.name })
}

fn to_signature(row: signature::Model) -> Result<Signature, DbErr> {
    Ok(Signature {
        duty: parse_duty(&row.duty)?,
        user: UserId::new(row.user),
        version: row.version,
        schedule: parse_uuid(&row.schedule)?,
        text_hash: row.text_hash,
        at: Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))?,
    })
}

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
