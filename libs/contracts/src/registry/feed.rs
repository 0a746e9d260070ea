//! How a source that sends messages identifies itself, and how its HL7 v2 is read. It must never hold a value from a message.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A source that sends messages: how it identifies itself, and how to read its HL7 v2.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// The (MSH-3, MSH-4) of its messages. Empty means any sender, only for the demonstration's `sandbox`.
    pub senders: Vec<(String, String)>,
    /// `default` (PV1-3: ward, bay, bed, site) or `itk` (PV1-3: site, ward, bed, organisation).
    pub profile: String,
    /// Accepts messages marked as training or debugging (MSH-11 other than P).
    pub training: bool,
    /// The order of the PV1-3 components, if it differs from the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceComponents>,
    /// Ward names by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wards: BTreeMap<String, String>,
    /// Further fields of its stays (S-60).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FurtherField>,
    /// After this many days without a message a stay is marked; after four times as many it is listed apart. Default 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_days: Option<u16>,
}

/// The position of each part in PV1-3; 0 if it is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceComponents {
    pub ward: u8,
    #[serde(default)]
    pub bay: u8,
    #[serde(default)]
    pub bed: u8,
    #[serde(default)]
    pub site: u8,
    /// The ward's name; PV1-3.9 in all our profiles.
    #[serde(default)]
    pub description: u8,
}

/// A field beyond the standard set that this hospital sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurtherField {
    /// Lower-case letters, digits and dashes; stable and unique within the source.
    pub key: String,
    /// The column's heading.
    pub label: String,
    #[serde(default, deserialize_with = "crate::known::or_default")]
    pub kind: FurtherKind,
    /// Its place: `ZPV-3` or `ZPV-3.2`; `OBX:NEWS` (OBX-5 of that OBX-3.1); `extension:<url>` of the FHIR Encounter.
    pub from: String,
    /// Names of coded values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    /// Whether the list can be filtered by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filter: bool,
}

/// The type of a further field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FurtherKind {
    #[default]
    Text,
    Code,
    Date,
    Number,
    YesNo,
}
