//! Events about the log: completed views and decided reviews. They must hold only ids and counts.

use jiff::Timestamp;
use lcr_model::{PersonId, UserId, ViewId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{EventBody, Stream};
use crate::{audit::ShownDataset, patient_index::LinkDecision};

/// A view was completed and showed this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ViewCompleted {
    pub view: ViewId,
    pub person: PersonId,
    pub at: Timestamp,
    pub shown: Vec<ShownDataset>,
}

event!(ViewCompleted, Audit, "audit.completed", |event| event.view.to_string(), |event| event.at.as_microsecond());

/// A data steward decided a review. Only ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewDecided {
    pub review: Uuid,
    /// The view under which it is logged.
    pub view: ViewId,
    pub by: UserId,
    pub at: Timestamp,
    pub decision: LinkDecision,
    /// The person who has the number, and the person of the record in doubt.
    pub people: [PersonId; 2],
}

event!(ReviewDecided, Audit, "audit.acted", |event| event.view.to_string(), |event| event.at.as_microsecond());
