//! `PartnerSystem`: one source system of one organisation, as written in Git. The schema and CEL rules make the API
//! server refuse whatever it can. Every field must be read by the operator, none may be removed or narrowed within a
//! version (`tests/operator/definition.rs`), and none holds a secret. Doc comments here become the CRD's descriptions.

mod client;
mod definition;
mod feed_profile;
mod kinds;
mod organisation;
mod schemas;
mod switch_on;

use std::collections::{BTreeMap, BTreeSet};

pub use client::{ClientRole, ClientSpec, KeySetSpec, KeySpec};
pub use definition::{definition, definition_yaml};
pub use feed_profile::{FieldKind, FieldSpec, PlaceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
pub use kinds::{CareKind, Profile, Protocol, Rhythm, Sender};
use kube::{CustomResource, KubeSchema};
use lcr_model::Dataset;
pub use organisation::{Agreement, OrganisationSpec, SignatorySpec, SiteSpec};
use serde::{Deserialize, Serialize};
pub use switch_on::StageSpec;

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
    printcolumn(name = "State", type_ = "string", json_path = r#".status.conditions[?(@.type=="Live")].reason"#),
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
        .message("the endpoint is a host's name; the way out is opened to names, not to addresses"),
    validation = Rule::new("!has(self.tokenUrl) || has(self.endpoint)")
        .message("only a system that we ask, one with an endpoint, has a token endpoint"),
    validation = Rule::new("!has(self.tokenUrl) || !self.tokenUrl.matches('^https://[0-9.]+(:[0-9]+)?(/|$)')")
        .message("the token endpoint is a host's name; the way out is opened to names, not to addresses"),
    validation = Rule::new(
        "!has(self.stages) || \
         self.datasets.all(d, self.stages.exists(s, s.dataset == d && !has(s.unit) && !has(s.receiver)))"
    )
    .message("with stages each dataset has one for the whole system and every receiver: off, until it is switched on"),
    validation = Rule::new("!has(self.testers) || has(self.stages)").message("testers need stages"),
    validation = Rule::new("!has(self.pilots) || has(self.stages)").message("pilots need stages")
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
    /// The Secret, in the namespace of partners' credentials, with what the system asks us for; never the credential itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub credentials_ref: Option<String>,
    /// Where the system gives tokens for its OAuth 2 credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 500),
        regex(pattern = r"^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[^?#\s]*)?$")
    )]
    pub token_url: Option<String>,
    /// Which of the authorities in the platform's bundle is to have signed its certificate, in words for whoever finds that
    /// none has; none means the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub trust_bundle_ref: Option<String>,
    /// Asked nothing, nothing taken from it, and its way out closed; everything else is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// False while it is set up and tried: its way out is open, and nobody is shown anything of it.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub live: bool,
    /// How far each dataset is switched on. Absent: it is switched on in the portal, and each dataset begins switched off, also one
    /// that is added later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 200))]
    pub stages: Vec<StageSpec>,
    /// The users, by identity's ids, who check the data at the stage safety-testers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 64), regex(pattern = r"^[A-Za-z0-9-]{1,64}$")))]
    pub testers: Vec<String>,
    /// The ODS codes of the organisations and teams of the stage pilot-teams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 12), regex(pattern = r"^[A-Z0-9]{3,12}$")))]
    pub pilots: Vec<String>,
    /// The machines of the organisation that get tokens. Each is named in one of the organisation's systems.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schemas::clients")]
    pub clients: Vec<ClientSpec>,
    /// Whom to call about the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub contact: Option<String>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_yes(value: &bool) -> bool {
    *value
}

/// How it stands.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct PartnerSystemStatus {
    /// The generation of the spec that this speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// `AgreementCurrent`, `CredentialsReady`, `CertificateValid` (its message tells the days left), Reachable, Ready, Live.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
}
