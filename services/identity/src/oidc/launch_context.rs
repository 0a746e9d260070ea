//! What a SMART launch adds to a sign-in: its parameters, and the part of the state that its callback needs. It must never
//! hold the patient, whom only the provider's answer names.

use lcr_model::{OdsCode, SourceId};
use serde::{Deserialize, Serialize};

/// The parameters with which a partner's system opens the portal.
#[derive(Clone, Deserialize)]
pub struct LaunchQuery {
    /// The FHIR base address of the partner's system.
    pub iss: String,
    /// What the partner's provider needs to know the open patient. We do not read it.
    pub launch: String,
    /// Whether the portal was opened in a frame.
    #[serde(default)]
    pub framed: bool,
}

/// What a launch adds to the state of a sign-in.
#[derive(Clone, Serialize, Deserialize)]
pub struct SmartLaunch {
    pub source: SourceId,
    pub organisation: OdsCode,
    pub frame_ancestors: Vec<String>,
}

impl SmartLaunch {
    pub fn is_framed(&self) -> bool {
        !self.frame_ancestors.is_empty()
    }
}
