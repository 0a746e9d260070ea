//! Where one hospital's messages hold ward, bed and further fields. Names and limits must equal those of the registry
//! (`lcr_contracts::registry::Feed`), which validates what a schema cannot.

use std::collections::BTreeMap;

use lcr_contracts::registry::{FurtherField, FurtherKind, PlaceComponents};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which component of PV1-3 holds what; one that is left out is not sent.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceSpec {
    #[schemars(range(min = 1, max = 20))]
    pub ward: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 20))]
    pub bay: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 20))]
    pub bed: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 20))]
    pub site: Option<u8>,
    /// The ward in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 20))]
    pub description: Option<u8>,
}

/// A further field of its stays: a column of the ward's lists.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct FieldSpec {
    /// Stable and unique within the system.
    #[schemars(length(max = 40), regex(pattern = r"^[a-z0-9-]{1,40}$"))]
    pub key: String,
    /// The column's heading.
    #[schemars(length(min = 1, max = 60), regex(pattern = r"\S"))]
    pub label: String,
    /// What it holds.
    #[serde(default)]
    pub kind: FieldKind,
    /// Where it stands: ZPV-3, ZPV-3.2, OBX:CODE or extension:URL.
    #[schemars(
        length(max = 300),
        regex(pattern = r"^([A-Z][A-Z0-9]{2}-[1-9][0-9]{0,2}([.][1-9][0-9]{0,2})?|OBX:.+|extension:.+)$")
    )]
    pub from: String,
    /// Codes in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    /// The list can be filtered by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filter: bool,
}

/// What a further field holds.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    #[default]
    Text,
    Code,
    Date,
    Number,
    YesNo,
}

impl From<PlaceSpec> for PlaceComponents {
    fn from(PlaceSpec { ward, bay, bed, site, description }: PlaceSpec) -> Self {
        let [bay, bed, site, description] = [bay, bed, site, description].map(Option::unwrap_or_default);
        Self { ward, bay, bed, site, description }
    }
}

impl From<PlaceComponents> for PlaceSpec {
    fn from(PlaceComponents { ward, bay, bed, site, description }: PlaceComponents) -> Self {
        let sent = |component: u8| (component != 0).then_some(component);
        Self { ward, bay: sent(bay), bed: sent(bed), site: sent(site), description: sent(description) }
    }
}

impl From<FieldSpec> for FurtherField {
    fn from(FieldSpec { key, label, kind, from, words, filter }: FieldSpec) -> Self {
        let kind = match kind {
            FieldKind::Text => FurtherKind::Text,
            FieldKind::Code => FurtherKind::Code,
            FieldKind::Date => FurtherKind::Date,
            FieldKind::Number => FurtherKind::Number,
            FieldKind::YesNo => FurtherKind::YesNo,
        };
        Self { key, label, kind, from, words, filter }
    }
}

impl From<FurtherField> for FieldSpec {
    fn from(FurtherField { key, label, kind, from, words, filter }: FurtherField) -> Self {
        let kind = match kind {
            FurtherKind::Text => FieldKind::Text,
            FurtherKind::Code => FieldKind::Code,
            FurtherKind::Date => FieldKind::Date,
            FurtherKind::Number => FieldKind::Number,
            FurtherKind::YesNo => FieldKind::YesNo,
        };
        Self { key, label, kind, from, words, filter }
    }
}
