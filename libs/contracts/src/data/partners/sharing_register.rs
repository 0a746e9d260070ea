//! The public register: who shares what with whom, for which purpose, since when. It must never name a discreet service.

use jiff::civil::Date;
use lcr_model::{Dataset, OdsCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The register, by name of organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SharingRegister {
    pub agreement_version: String,
    pub partners: Vec<RegisterEntry>,
}

/// One organisation of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegisterEntry {
    pub ods: OdsCode,
    pub name: String,
    pub kind: String,
    /// Always "direct care" today; the agreement allows nothing else.
    pub purpose: String,
    pub lawful_basis: String,
    /// Since when it takes part, or since when it no longer does. `None` for an organisation whose date is not on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub since: Option<Date>,
    /// Whether it takes part today. `false`: it signed once, and is suspended or has left.
    pub takes_part: bool,
    pub gives: Vec<SharedDataset>,
    /// `None`: not on record, because the organisation's agreement is on paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receives: Option<Vec<Dataset>>,
}

/// A dataset that an organisation gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SharedDataset {
    pub dataset: Dataset,
    /// The names of the systems that it comes from.
    pub systems: Vec<String>,
    /// Who sees it: `on`, `pilot-teams`, `safety-testers` or `off`.
    pub stage: String,
}
