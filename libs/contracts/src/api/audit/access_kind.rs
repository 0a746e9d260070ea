//! The kinds of access that the log knows. A name that was once written must never change.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kind of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccessKind {
    Record,
    Search,
    Identity,
    Fhir,
    AuditLog,
    /// A list of the virtual ward.
    WardList,
    /// A choice read, made, withdrawn or reviewed.
    Choices,
    /// A review of a doubtful link, read or decided.
    Review,
    /// A decision was explained; no patient data was shown.
    Explanation,
    /// A user searched more often than their work explains; no patient was shown.
    UnusualSearch,
    /// The list of the people for whom the reader's organisation cares.
    CareList,
    /// A user said why they are involved with a person, or overrode a refusal; or an officer reviewed that.
    Claim,
    /// An officer opened, shared or closed an incident, or read the log through one.
    Incident,
    /// A kind of a later version. No entry is ever written with this kind.
    #[serde(other)]
    Unknown,
}

impl AccessKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::Record,
        Self::Search,
        Self::Identity,
        Self::Fhir,
        Self::AuditLog,
        Self::WardList,
        Self::Choices,
        Self::Review,
        Self::Explanation,
        Self::UnusualSearch,
        Self::CareList,
        Self::Claim,
        Self::Incident,
        Self::Unknown,
    ];

    /// The kind with exactly this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Search => "search",
            Self::Identity => "identity",
            Self::Fhir => "fhir",
            Self::AuditLog => "audit-log",
            Self::WardList => "ward-list",
            Self::Choices => "choices",
            Self::Review => "review",
            Self::Explanation => "explanation",
            Self::UnusualSearch => "unusual-search",
            Self::CareList => "care-list",
            Self::Claim => "claim",
            Self::Incident => "incident",
            Self::Unknown => "unknown",
        }
    }
}
