//! The reason of an audit entry: a closed list of codes. Pages make their own words from a code; no service may compare or
//! parse the recorded text outside this file.

use std::fmt;

use lcr_model::Relationship;
use serde::{Deserialize, Serialize};

use crate::{audit::AccessKind, consent::Refusal, incidents::IncidentStep};

/// Why access was given or refused, or what was done with a choice.
///
/// In JSON and in the audit log a code is the text of `Display`. The leaf hash, the row code and consent's fingerprint
/// cover that text, and the version before writes and shows it: so a code has no field or column of its own, and an entry
/// of any version reads as a code and hashes as before.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ReasonCode {
    Relationship(Relationship),
    /// Allowed without a relationship, as a search is.
    Permitted(AccessKind),
    Refused(Refusal),
    ChoicesRead(Relationship),
    ObjectionMade(Relationship),
    ObjectionWithdrawn(Relationship),
    ObjectionReviewed(Relationship),
    LogRead,
    /// A user said why they are involved, or overrode a refusal: the relationship that this made.
    ClaimMade(Relationship),
    /// An officer reviewed such a claim and found it justified, or not.
    ClaimJustified(Relationship),
    ClaimNotJustified(Relationship),
    /// A user ended their own override before its time.
    ClaimEnded(Relationship),
    /// An override was refused: the relationship that it would have made.
    ClaimRefused(Relationship),
    /// An officer's act on an incident.
    Incident(IncidentStep),
    /// A reason of another version, as recorded.
    Other(String),
}

const LOG_READ: &str = "reads the log";
const PERMITTED: &str = "may ";
const CHOICES_READ: &str = "reads choices: ";
const OBJECTION_MADE: &str = "objection made: ";
const OBJECTION_WITHDRAWN: &str = "objection withdrawn: ";
const OBJECTION_REVIEWED: &str = "objection reviewed: ";
const CLAIM_MADE: &str = "claim made: ";
const CLAIM_JUSTIFIED: &str = "claim justified: ";
const CLAIM_NOT_JUSTIFIED: &str = "claim not justified: ";
const CLAIM_ENDED: &str = "claim ended: ";
const CLAIM_REFUSED: &str = "claim refused: ";

impl ReasonCode {
    /// The relationship that the reason names.
    pub fn relationship(&self) -> Option<&Relationship> {
        match self {
            Self::Relationship(relationship)
            | Self::ChoicesRead(relationship)
            | Self::ObjectionMade(relationship)
            | Self::ObjectionWithdrawn(relationship)
            | Self::ObjectionReviewed(relationship)
            | Self::ClaimMade(relationship)
            | Self::ClaimJustified(relationship)
            | Self::ClaimNotJustified(relationship)
            | Self::ClaimEnded(relationship)
            | Self::ClaimRefused(relationship) => Some(relationship),
            Self::Permitted(_) | Self::Refused(_) | Self::LogRead | Self::Incident(_) | Self::Other(_) => None,
        }
    }

    /// Parses the recorded form. `None` for a text that this version does not write.
    fn parse(text: &str) -> Option<Self> {
        let after = |prefix: &str| text.strip_prefix(prefix).map(|rest| Relationship::from(rest.to_owned()));
        if text == LOG_READ {
            return Some(Self::LogRead);
        }
        Refusal::of_name(text)
            .map(Self::Refused)
            .or_else(|| AccessKind::of_name(text.strip_prefix(PERMITTED)?).map(Self::Permitted))
            .or_else(|| after(CHOICES_READ).map(Self::ChoicesRead))
            .or_else(|| after(OBJECTION_MADE).map(Self::ObjectionMade))
            .or_else(|| after(OBJECTION_WITHDRAWN).map(Self::ObjectionWithdrawn))
            .or_else(|| after(OBJECTION_REVIEWED).map(Self::ObjectionReviewed))
            .or_else(|| after(CLAIM_MADE).map(Self::ClaimMade))
            .or_else(|| after(CLAIM_JUSTIFIED).map(Self::ClaimJustified))
            .or_else(|| after(CLAIM_NOT_JUSTIFIED).map(Self::ClaimNotJustified))
            .or_else(|| after(CLAIM_ENDED).map(Self::ClaimEnded))
            .or_else(|| after(CLAIM_REFUSED).map(Self::ClaimRefused))
            .or_else(|| IncidentStep::parse(text).map(Self::Incident))
            .or_else(|| Relationship::parse(text).map(Self::Relationship))
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relationship(relationship) => relationship.fmt(f),
            Self::Permitted(kind) => write!(f, "{PERMITTED}{}", kind.as_str()),
            Self::Refused(refusal) => f.write_str(refusal.as_str()),
            Self::ChoicesRead(relationship) => write!(f, "{CHOICES_READ}{relationship}"),
            Self::ObjectionMade(relationship) => write!(f, "{OBJECTION_MADE}{relationship}"),
            Self::ObjectionWithdrawn(relationship) => write!(f, "{OBJECTION_WITHDRAWN}{relationship}"),
            Self::ObjectionReviewed(relationship) => write!(f, "{OBJECTION_REVIEWED}{relationship}"),
            Self::LogRead => f.write_str(LOG_READ),
            Self::ClaimMade(relationship) => write!(f, "{CLAIM_MADE}{relationship}"),
            Self::ClaimJustified(relationship) => write!(f, "{CLAIM_JUSTIFIED}{relationship}"),
            Self::ClaimNotJustified(relationship) => write!(f, "{CLAIM_NOT_JUSTIFIED}{relationship}"),
            Self::ClaimEnded(relationship) => write!(f, "{CLAIM_ENDED}{relationship}"),
            Self::ClaimRefused(relationship) => write!(f, "{CLAIM_REFUSED}{relationship}"),
            Self::Incident(step) => step.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<String> for ReasonCode {
    fn from(text: String) -> Self {
        Self::parse(&text).unwrap_or(Self::Other(text))
    }
}

impl From<ReasonCode> for String {
    fn from(code: ReasonCode) -> Self {
        code.to_string()
    }
}

#[cfg(test)]
#[path = "reason_tests.rs"]
mod tests;
