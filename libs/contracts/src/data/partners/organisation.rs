//! Changes of an organisation itself: registration, details, the data-flow schedule, signatories, signatures, and its state.

use lcr_model::{Dataset, OdsCode, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

use crate::{registry::PartnerState, vocabulary::OrganisationKind};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum OrganisationChange {
    /// By an administrator whose own sign-in provider says that they belong to the organisation.
    Register(OrganisationDetails),
    Describe(OrganisationDetails),
    SetSchedule(DataFlowSchedule),
    Appoint {
        duty: Duty,
        user: UserId,
    },
    /// `text_hash` is the hash of the text that the signatory has read.
    Sign {
        duty: Duty,
        text_hash: String,
    },
    Move {
        to: PartnerState,
    },
}

/// What an organisation says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationDetails {
    /// 1 to 200 characters.
    pub name: String,
    #[schema(value_type = String)]
    pub kind: OrganisationKind,
    /// The neighbourhood team of a practice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<OdsCode>,
    /// The practices for whose patients it holds sessions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serves: Vec<OdsCode>,
    /// Its sites and teams, at most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<Site>,
    /// Whom to call about its data: a name and how to reach them, at most 200 characters.
    #[serde(default)]
    pub contact: String,
}

/// A site or a team of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    pub ods: OdsCode,
    pub name: String,
}

/// The data-flow schedule of the agreement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataFlowSchedule {
    pub gives: BTreeSet<Dataset>,
    pub receives: BTreeSet<Dataset>,
    /// UK GDPR article 6 and 9 conditions, such as "6(1)(e), 9(2)(h)".
    pub lawful_basis: String,
    /// How long the organisation keeps what it gives, at most 200 characters.
    pub retention: String,
}

/// Those who must sign for an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Senior information risk owner.
    Siro,
    CaldicottGuardian,
    /// Data protection officer; never the same person as the SIRO (UK GDPR article 38(6)).
    DataProtectionOfficer,
}

impl Duty {
    pub const ALL: [Self; 3] = [Self::Siro, Self::CaldicottGuardian, Self::DataProtectionOfficer];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Siro => "siro",
            Self::CaldicottGuardian => "caldicott-guardian",
            Self::DataProtectionOfficer => "data-protection-officer",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Siro => "senior information risk owner (SIRO)",
            Self::CaldicottGuardian => "Caldicott guardian",
            Self::DataProtectionOfficer => "data protection officer",
        }
    }
}
