//! Events of consent. They must never hold a choice's content.

use lcr_model::PersonId;
use serde::{Deserialize, Serialize};

use super::{EventBody, Stream};

/// A person's choice was made, changed or reviewed. Must not hold its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChoiceChanged {
    pub person: PersonId,
    pub version: i64,
}

event!(ChoiceChanged, Consent, "consent.changed", |event| event.person.to_string(), |event| event.version);
