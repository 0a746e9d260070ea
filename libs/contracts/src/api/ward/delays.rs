//! Delays by ward and specialty. They are numbers, and must never name a person.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::HospitalActivity;

/// Delays of one ward and specialty: numbers of people and days, no names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delay {
    pub hospital: String,
    /// As the list shows it; `None` if the hospital did not send it.
    pub ward: Option<String>,
    pub specialty: Option<String>,
    pub in_hospital: u32,
    /// People whose expected discharge date has passed.
    pub expected_passed: u32,
    /// Days since then, of all of them together.
    pub expected_passed_days: u32,
    /// People who no longer need a hospital bed and still have one.
    pub fit: u32,
    /// Bed days since they no longer needed one, of all of them together.
    pub bed_days_lost: u32,
    /// How many of these have no date since when.
    pub fit_without_date: u32,
    /// What they wait for.
    pub waits: Vec<DelayReason>,
}

/// A reason for waiting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DelayReason {
    /// In the hospital's words.
    pub what: String,
    /// The person or service it waits for.
    pub by: Option<String>,
    pub people: u32,
    /// The earliest day since when any of them has waited.
    pub since: Option<Date>,
}

/// The delays of one list, by ward and specialty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delays {
    pub as_of: Timestamp,
    pub delays: Vec<Delay>,
    pub hospitals: Vec<HospitalActivity>,
}
