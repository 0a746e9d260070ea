//! The people for whom the reader's organisation cares, by evidence in force. It must hold ids and times only: names come
//! from patient-index.

use jiff::Timestamp;
use lcr_model::{CareLinkKind, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person on the list, with the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonInCare {
    pub person: PersonId,
    #[schema(value_type = String)]
    pub kind: CareLinkKind,
    /// The team within the organisation, as the source names it.
    pub team: Option<String>,
    /// When the care begins or the appointment is.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// One page of the list: appointments by time, then the others, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CareList {
    pub people: Vec<PersonInCare>,
    /// How many people there are in all.
    pub total: u64,
}

/// Which part of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareListQuery {
    /// Only this kind, or all kinds.
    #[serde(default)]
    pub kind: Option<CareLinkKind>,
    #[serde(default)]
    pub offset: u64,
    /// At most [`MAX_LISTED`].
    pub limit: u64,
}

/// The most people of one page.
pub const MAX_LISTED: u64 = 100;
