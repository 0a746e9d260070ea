//! The organisation of a system and its sharing agreement, as written in Git. Names of signatories are shown to those who read
//! the resource, and must never go into a status, an event or a log.

use jiff::civil::Date;
use kube::KubeSchema;
use lcr_contracts::{registry::PartnerState, vocabulary::Duty};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schemas;

/// The organisation's own row of the registry. Of several systems of one organisation the first by name says it.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationSpec {
    /// What people call it.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// gp-practice, acute, community, mental-health, social-care, or another word of the registry.
    #[schemars(length(max = 40), regex(pattern = r"^[a-z]([a-z-]*[a-z])?$"))]
    pub kind: String,
    /// The ODS code of the neighbourhood team that a practice belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 12), regex(pattern = r"^[A-Z0-9]{3,12}$"))]
    pub part_of: Option<String>,
    /// The ODS codes of the practices for whose patients it holds sessions, as an extended access hub does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200), inner(length(max = 12), regex(pattern = r"^[A-Z0-9]{3,12}$")))]
    pub serves: Vec<String>,
    /// How far it has come; absent: live. Only a live organisation with an agreement in force takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schemas::partner_state")]
    pub state: Option<PartnerState>,
    /// Whom to call about its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub contact: Option<String>,
    /// Its sites and teams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200))]
    pub sites: Vec<SiteSpec>,
}

/// A site or a team of an organisation.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct SiteSpec {
    /// Its ODS code.
    #[schemars(length(max = 12), regex(pattern = r"^[A-Z0-9]{3,12}$"))]
    pub ods: String,
    /// What people call it.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
}

/// Somebody who signed the agreement for the organisation.
#[derive(JsonSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct SignatorySpec {
    /// As what they signed.
    #[schemars(schema_with = "schemas::duty")]
    pub duty: Duty,
    /// Their name.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// The day on which they signed.
    #[schemars(schema_with = "schemas::date")]
    pub signed_on: Date,
}

/// A sharing agreement.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!has(self.expires) || (has(self.signedOn) && self.signedOn < self.expires)")
        .message("an agreement expires after it was signed")
)]
pub struct Agreement {
    /// Where it is found on paper.
    #[schemars(length(min = 1, max = 200))]
    pub reference: String,
    /// Absent while it is not signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schemas::date")]
    pub signed_on: Option<Date>,
    /// The last day it holds, in Leeds; absent when it holds until somebody ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schemas::date")]
    pub expires: Option<Date>,
    /// Who signed it for the organisation. It is shown, and decides nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub signatories: Vec<SignatorySpec>,
}
