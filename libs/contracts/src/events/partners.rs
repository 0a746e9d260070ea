//! Events of identity's registry. They must never hold patient data.

use serde::{Deserialize, Serialize};

use super::{EventBody, Stream};
use crate::registry::{Organisation, System};

/// A row of the registry changed. No patient data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnersChanged {
    pub version: i64,
    pub organisation: Option<Organisation>,
    pub system: Option<System>,
}

event!(
    PartnersChanged,
    Partners,
    "partners.changed",
    |event| match (&event.organisation, &event.system) {
        (Some(organisation), _) => format!("organisation/{}", organisation.ods),
        (_, Some(system)) => format!("system/{}", system.id),
        _ => String::new(),
    },
    |event| event.version
);
