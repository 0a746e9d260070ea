//! Events of patient-index: people and their identities. They must hold only ids and marks.

use lcr_model::{OdsCode, PersonId, SourceIdentity};
use serde::{Deserialize, Serialize};

use super::{EventBody, Stream};

/// A person was linked, updated or merged. Only ids and marks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonChanged {
    pub person: PersonId,
    pub version: i64,
    pub identities: Vec<SourceIdentity>,
    /// The registered practice, from the demographics authority or the GP system.
    pub practice: Option<OdsCode>,
    /// Marks: `restricted`, `died`.
    pub marks: Vec<String>,
}

event!(PersonChanged, People, "people.updated", |event| event.person.to_string(), |event| event.version);
