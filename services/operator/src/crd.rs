//! `PartnerSystem`: one source system of one organisation, as written in Git. The schema and CEL rules make the API
//! server refuse whatever it can. Every field must be read by the operator, none may be removed or narrowed within a
//! version (`tests/operator/definition.rs`), and none holds a secret. Doc comments here become the CRD's descriptions.

mod definition;
mod feed_profile;
mod schemas;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use lcr_model::Dataset;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use definition::{definition, definition_yaml};
pub use feed_profile::{FieldKind, FieldSpec, PlaceSpec};

/// The API group, and the prefix of our labels.
pub const GROUP: &str = "leedscarerecord.uk";

/// One source system of one organisation: what is agreed with it, and where it answers.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[kube(
    group = "leedscarerecord.uk",
    version = "v1",
    kind = "PartnerSystem",
    plural = "partnersystems",
    shortname = "psys",
    category = "lcr",
    doc = "One source system of one organisation - what is agreed with it, and where it answers.",
    status = "PartnerSystemStatus",
    derive = "PartialEq",
    validation = Rule::new("self.metadata.name == self.spec.odsCode.lowerAscii() + '-' + self.spec.system")
        .message("the name is the ODS code in lower case, a hyphen, and the system"),
    printcolumn(name = "Organisation", type_ = "string", json_path = ".spec.odsCode"),
    printcolumn(name = "System", type_ = "string", json_path = ".spec.system"),
    printcolumn(name = "Protocol", type_ = "string", json_path = ".spec.protocol"),
    printcolumn(name = "Ready", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].status"#),
    printcolumn(name = "Reason", type_ = "string", json_path = r#".status.conditions[?(@.type=="Ready")].reason"#),
    printcolumn(name = "Agreement expires", type_ = "string", json_path = ".spec.agreement.expires"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.odsCode == oldSelf.odsCode && self.system == oldSelf.system")
        .message("another organisation or system is another PartnerSystem"),
    validation = Rule::new("self.protocol == 'fhir-r4' ? has(self.endpoint) : !has(self.endpoint)")
        .message("fhir-r4 has an endpoint, since we ask it; a feed has none, since it sends to us"),
    validation = Rule::new("self.protocol == 'fhir-r4' || (has(self.senders) && size(self.senders) > 0)")
        .message("a feed names its senders, the MSH-3 and MSH-4 of its messages"),
    validation = Rule::new("!has(self.endpoint) || !self.endpoint.matches('^https://[0-9.]+(:[0-9]+)?(/|$)')")
        .message("the endpoint is a host's name; the way out is opened to names, not to addresses")
)]
pub struct PartnerSystemSpec {
    /// The organisation, as the ODS knows it.
    #[schemars(length(max = 10), regex(pattern = r"^[A-Z0-9]{3,10}$"))]
    pub ods_code: String,
    /// Which of the organisation's systems.
    #[schemars(length(max = 40), regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub system: String,
    /// What records call it.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// The organisation's own row of the registry.
    pub organisation: OrganisationSpec,
    /// What kind of care it holds.
    pub kind: CareKind,
    /// What it speaks.
    pub protocol: Protocol,
    /// The base of its FHIR R4 interface; only with fhir-r4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 500),
        regex(pattern = r"^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[^?#\s]*)?$")
    )]
    pub endpoint: Option<String>,
    /// What its organisation has agreed to share.
    #[schemars(schema_with = "schemas::datasets")]
    pub datasets: BTreeSet<Dataset>,
    /// Who its messages say they are from; needed of a feed, allowed of a FHIR system that sends too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub senders: Vec<Sender>,
    /// How its HL7 v2 is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Where its PV1-3 holds ward, bay, bed and site, if not where the profile says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceSpec>,
    /// Its ward codes in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wards: BTreeMap<String, String>,
    /// Further fields of its stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schemas::fields")]
    pub fields: Vec<FieldSpec>,
    /// After so many days without a message a stay is marked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 365))]
    pub quiet_days: Option<u16>,
    /// How fresh its data is: what counts as old.
    #[serde(default)]
    pub rhythm: Rhythm,
    /// Reads the same for everybody, "may hold items that are not shown": a sexual health clinic.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub discreet: bool,
    /// The sharing agreement that this stands on; while there is none, nothing is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
    /// Name of what the system asks us for; never the credential itself. Nothing reads it yet: partners are sent none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub credentials_ref: Option<String>,
    /// Which of the authorities in the platform's bundle is to have signed its certificate, in words for whoever finds that
    /// none has; none means the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub trust_bundle_ref: Option<String>,
    /// Asked nothing, nothing taken from it, and its way out closed; everything else is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
}

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
}

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
}

/// How it stands.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct PartnerSystemStatus {
    /// The generation of the spec that this speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// `AgreementCurrent`, `CertificateValid` (its message tells the days left), Reachable, Ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}
