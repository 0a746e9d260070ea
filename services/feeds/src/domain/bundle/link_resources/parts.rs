//! The parts of resources: references, identifiers, periods and codes. A malformed part must be
//! refused, never read as absent.

use lcr_fhir::read;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::{identity::nhs, ods};

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names of FHIR")]
pub struct Reference {
    pub reference: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub identifier: Option<Identifier>,
    pub display: Option<String>,
}

#[derive(Deserialize)]
pub struct Identifier {
    pub system: Option<String>,
    pub value: Option<String>,
}

#[derive(Deserialize)]
pub struct Period {
    pub start: Option<String>,
    pub end: Option<String>,
}

#[derive(Deserialize)]
pub struct Concept {
    #[serde(default)]
    pub coding: Vec<Coding>,
}

#[derive(Deserialize)]
pub struct Coding {
    pub system: Option<String>,
    pub code: Option<String>,
}

impl Reference {
    /// The reference in a value. `None` if it is none.
    pub fn of(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// The reference at `path`. `None` if there is none.
    pub fn at(value: &Value, path: &str) -> Option<Self> {
        Self::of(read::at(value, path)?)
    }

    /// The type and id that end the reference.
    pub fn target(&self) -> Option<(&str, &str)> {
        let link = self.reference.as_deref()?;
        let mut parts = link.split("/_history/").next()?.rsplitn(3, '/');
        let (id, kind) = (parts.next()?, parts.next()?);
        (!id.is_empty() && !kind.is_empty()).then_some((kind, id))
    }
}

impl Identifier {
    /// The identifier in a value. `None` if it is none.
    pub fn of(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    pub fn is_nhs_number(&self) -> bool {
        self.system.as_deref().is_some_and(|system| nhs::authority(system) != nhs::Authority::Other)
    }

    pub fn ods_code(&self) -> Option<lcr_model::OdsCode> {
        ods::by_authority(self.value.as_deref()?, self.system.as_deref()?)
    }
}
