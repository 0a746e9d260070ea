//! The sealed body of demographics events. It names a person, so it must never print its content.

use lcr_model::{LocalId, OdsCode, SourceId};
use serde::{Deserialize, Serialize};

use crate::known;

/// The source of patients' own sign-ins. The local id is the user, so that the index links a sign-in to a person like any
/// other identity.
pub const LOGIN_SOURCE: &str = "nhs-login";

/// The sealed body of a demographics event: the parts of a source's Patient that linking and search need.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SourcePatient {
    pub source: SourceId,
    pub nhs_number: Option<String>,
    /// The source reports the number as verified (status 01).
    pub nhs_number_verified: bool,
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<jiff::civil::Date>,
    pub gender: String,
    pub address: Option<String>,
    pub postcode: Option<String>,
    pub practice: Option<OdsCode>,
    pub died: bool,
    pub restricted: bool,
    /// Whether the source is the demographics authority.
    pub authority: bool,
    /// Whether a GP system registers the patient itself.
    pub gp_registration: bool,
    /// Local ids that the source merged into this one (A40).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<LocalId>,
    /// False for a record that its source no longer uses.
    #[serde(default = "in_use", skip_serializing_if = "Clone::clone")]
    pub active: bool,
    /// Other records of the same source for the same person.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known::list")]
    pub links: Vec<PatientLink>,
}

fn in_use() -> bool {
    true
}

/// The sealed body of a demographics event whose local id is a hash: the patient and the id behind the hash. It also
/// deserialises as a `SourcePatient`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HashedPatient {
    #[serde(flatten)]
    pub patient: SourcePatient,
    /// The source's own id of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_id: Option<String>,
}

impl std::fmt::Debug for HashedPatient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HashedPatient({})", self.patient.source)
    }
}

impl SourcePatient {
    /// A patient of whom the source has said nothing yet: in use, and not trusted, restricted or dead.
    pub fn without_details(source: SourceId) -> Self {
        Self {
            source,
            nhs_number: None,
            nhs_number_verified: false,
            family: String::new(),
            given: String::new(),
            title: None,
            birth_date: None,
            gender: "unknown".to_owned(),
            address: None,
            postcode: None,
            practice: None,
            died: false,
            restricted: false,
            authority: false,
            gp_registration: false,
            replaces: vec![],
            active: true,
            links: vec![],
        }
    }

    /// Whether its source no longer uses this record: inactive, or replaced by another.
    pub fn is_retired(&self) -> bool {
        !self.active || self.links.iter().any(|link| link.kind == PatientLinkKind::ReplacedBy)
    }
}

/// FHIR `Patient.link`, within one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientLink {
    pub kind: PatientLinkKind,
    pub other: LocalId,
}

/// The relation to the other record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatientLinkKind {
    /// The other record is used instead of this one.
    ReplacedBy,
    /// This record is used instead of the other.
    Replaces,
    /// The other is the main record.
    Refer,
    /// Both records are equally valid.
    Seealso,
}

impl std::fmt::Debug for SourcePatient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourcePatient({})", self.source)
    }
}
