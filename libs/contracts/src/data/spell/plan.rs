//! The discharge plan in a message. It is about a person, and must never be in a log.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::FieldUpdate;

/// Criteria to reside (NHS England, hospital discharge).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reside {
    /// Whether the patient needs a hospital bed.
    pub meets: bool,
    /// 01 to 12, if sent.
    pub code: Option<String>,
    /// Since when the patient does not (the discharge ready date).
    pub since: Option<Date>,
}

/// A task that must be done before discharge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanItem {
    /// The hospital's key of the task, stable between messages.
    pub key: String,
    /// `needed` (the ward must act) or `waiting` (another service must act).
    pub kind: PlanItemKind,
    pub text: String,
    /// The person or service it waits for.
    pub by: Option<String>,
    pub since: Option<Date>,
    pub done: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanItemKind {
    Needed,
    Waiting,
}

/// The status of the discharge plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanStatus {
    NotStarted,
    InProgress,
    Agreed,
    Ready,
}

/// The discharge plan in a message (Z-segment profile `ZDP`/`ZDT`, or FHIR `CarePlan` and `Task`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DischargePlanUpdate {
    pub reside: FieldUpdate<Reside>,
    pub status: FieldUpdate<PlanStatus>,
    /// P0 to P3 (NHS England discharge pathways).
    pub pathway: FieldUpdate<String>,
    /// The discharge destination, in words.
    pub going_to: FieldUpdate<String>,
    /// The plan for transfer: service and date.
    pub transfer_service: FieldUpdate<String>,
    pub transfer_date: FieldUpdate<Date>,
    /// Clinical criteria for discharge.
    pub criteria: FieldUpdate<String>,
    /// The whole list, if any was sent.
    pub items: Option<Vec<PlanItem>>,
}
