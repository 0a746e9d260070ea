//! The values that fields of a `PartnerSystem` may have. A value that resources use must never be removed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of care a system holds.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum CareKind {
    Gp,
    Hospital,
    Community,
    MentalHealth,
    SocialCare,
    Authority,
}

/// What a system speaks.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    #[serde(rename = "fhir-r4")]
    FhirR4,
    #[serde(rename = "hl7v2-mllp")]
    Hl7v2Mllp,
    #[serde(rename = "hl7v2-http")]
    Hl7v2Http,
    #[serde(rename = "fhir-messages")]
    FhirMessages,
}

/// Who a message says it is from.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// MSH-3.
    #[schemars(length(min = 1, max = 227))]
    pub application: String,
    /// MSH-4.
    #[schemars(length(min = 1, max = 227))]
    pub facility: String,
}

/// How HL7 v2 is read.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    Default,
    Itk,
}

/// How fresh data is.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Rhythm {
    #[default]
    RealTime,
    Nightly,
}
