//! Relationships between a reader and a person: their kinds in the policies, and the form in which permits and audit
//! entries record them. The audit log's tree hashes that form, so the form of a variant must never change.

mod recorded_text;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    CareLinkKind, ClaimReason, OverrideReason,
    actor::{UnknownName, names},
};

names! {
    /// The kind of a relationship, as the policies name it.
    RelationshipKind "relationship" {
        RegisteredPractice "registered-practice", InPatientHere "in-patient-here",
        LeftHere28Days "left-here-28-days", OnTheWard "on-the-ward-of-the-person", TeamArea "team-area",
        OwnRecord "own-record", HoldsRecord "holds-record", NamedInChoice "named-in-choice",
        FormerPractice28Days "former-practice-28-days", PracticeSession "practice-session",
        ReferredHere "referred-here", AppointmentHere "appointment-here", OnCaseload "on-caseload",
        ResidentHere "resident-here", UrgentCaseHere "urgent-case-here", SafeguardingEnquiry "safeguarding-enquiry",
        OnMeetingList "on-meeting-list", NominatedPharmacy "nominated-pharmacy",
        DischargedTo28Days "discharged-to-28-days", LaunchedHere "launched-here",
        SelfClaimed "self-claimed", EmergencyOverride "emergency-override", None "none",
    }
}

/// A relationship as it is recorded. An organisation is recorded by its name at that time.
///
/// In JSON and in the audit log it is the text of `Display`, because the version before writes and shows that text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Relationship {
    RegisteredPractice {
        organisation: String,
    },
    InHospital {
        organisation: String,
    },
    /// Left the hospital within the last 28 days.
    LeftHospital {
        organisation: String,
    },
    TeamArea {
        organisation: String,
    },
    OwnRecord,
    /// The organisation is not named, because its name would reveal where the person is.
    InYourCare,
    /// The officer's organisation holds a record of the person.
    HoldsRecord,
    /// The officer's organisation is named in a choice.
    NamedInChoice,
    /// A policy allows the review of choices without a relationship.
    ReviewsChoices,
    /// Was registered at the practice until at most 28 days ago.
    FormerPractice {
        organisation: String,
    },
    /// Works a session for the registered practice.
    PracticeSession {
        organisation: String,
    },
    /// A source's evidence that the organisation cares for the person.
    CareLink {
        kind: CareLinkKind,
        organisation: String,
    },
    /// Opened from a system of the organisation, with this person on its screen.
    Launched {
        organisation: String,
    },
    /// The user said why they are involved.
    SelfClaimed {
        reason: ClaimReason,
    },
    /// The user overrode a refusal in an emergency.
    Override {
        reason: OverrideReason,
    },
    /// A relationship of another version, as recorded.
    Other(String),
}

impl Relationship {
    /// The kind that policies compare. A relationship without one permits nothing by itself.
    pub fn kind(&self) -> RelationshipKind {
        match self {
            Self::RegisteredPractice { .. } => RelationshipKind::RegisteredPractice,
            Self::InHospital { .. } => RelationshipKind::InPatientHere,
            Self::LeftHospital { .. } => RelationshipKind::LeftHere28Days,
            Self::TeamArea { .. } => RelationshipKind::TeamArea,
            Self::OwnRecord => RelationshipKind::OwnRecord,
            Self::HoldsRecord => RelationshipKind::HoldsRecord,
            Self::NamedInChoice => RelationshipKind::NamedInChoice,
            Self::FormerPractice { .. } => RelationshipKind::FormerPractice28Days,
            Self::PracticeSession { .. } => RelationshipKind::PracticeSession,
            Self::CareLink { kind, .. } => kind.relationship(),
            Self::Launched { .. } => RelationshipKind::LaunchedHere,
            Self::SelfClaimed { .. } => RelationshipKind::SelfClaimed,
            Self::Override { .. } => RelationshipKind::EmergencyOverride,
            Self::InYourCare | Self::ReviewsChoices | Self::Other(_) => RelationshipKind::None,
        }
    }
}

/// No relationship is an empty text in JSON.
pub mod or_empty {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Relationship;

    #[allow(clippy::ref_option, reason = "serde passes the field by reference")]
    pub fn serialize<S: Serializer>(relationship: &Option<Relationship>, to: S) -> Result<S::Ok, S::Error> {
        match relationship {
            Some(relationship) => to.collect_str(relationship),
            None => to.serialize_str(""),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Relationship>, D::Error> {
        let text = String::deserialize(from)?;
        Ok((!text.is_empty()).then(|| text.into()))
    }
}

#[cfg(test)]
#[path = "relationship_tests.rs"]
mod tests;
