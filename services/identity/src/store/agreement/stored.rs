//! What is stored of an agreement, read from its rows.

use jiff::Timestamp;
use lcr_contracts::partners::organisation::{DataFlowSchedule, Duty};
use lcr_model::UserId;
use sea_orm::DbErr;
use uuid::Uuid;

use super::tables::{schedule, signatory, signature};

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

pub(super) fn parse_uuid(text: &str) -> Result<Uuid, DbErr> {
    text.parse().map_err(|_| DbErr::Type("an id of the agreement is no UUID".to_owned()))
}

fn parse_duty(text: &str) -> Result<Duty, DbErr> {
    let duty = Duty::ALL.into_iter().find(|duty| duty.as_str() == text);
    duty.ok_or_else(|| DbErr::Type("a duty this version does not know".to_owned()))
}

pub(super) fn to_schedule(row: &schedule::Model) -> Result<StoredSchedule, DbErr> {
    let schedule = serde_json::from_str(&row.body).map_err(|e| DbErr::Json(e.to_string()))?;
    Ok(StoredSchedule { id: parse_uuid(&row.id)?, schedule })
}

pub(super) fn to_appointment(row: signatory::Model) -> Result<Appointment, DbErr> {
    Ok(Appointment { duty: parse_duty(&row.duty)?, user: UserId::new(row.user), name: row.name })
}

pub(super) fn to_signature(row: signature::Model) -> Result<Signature, DbErr> {
    Ok(Signature {
        duty: parse_duty(&row.duty)?,
        user: UserId::new(row.user),
        version: row.version,
        schedule: parse_uuid(&row.schedule)?,
        text_hash: row.text_hash,
        at: Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))?,
    })
}
