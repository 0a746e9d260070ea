//! Relationships between a reader and a person: their kinds in the policies, and the form in which permits and audit
//! entries record them. The audit log's tree hashes that form, so the form of a variant must never change.

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

const REGISTERED_AT: &str = "registered at ";
const IN_HOSPITAL_AT: &str = "in hospital at ";
const LEFT: &str = "left ";
const WITHIN_28_DAYS: &str = " within the last 28 days";
const IN_THE_AREA_OF: &str = "in the area of ";
const OWN_RECORD: &str = "your own record";
const IN_YOUR_CARE: &str = "in the care of your organisation";
const HOLDS_RECORD: &str = "their organisation holds a record";
const NAMED_IN_CHOICE: &str = "their organisation is named in a choice";
const REVIEWS_CHOICES: &str = "reviews choices";
const UNTIL_RECENTLY_AT: &str = "registered until recently at ";
const SESSION_FOR: &str = "working a session for ";
const OPENED_FROM: &str = "opened from a system of ";
const CLAIMED: &str = "involved, as stated: ";
const OVERRIDE: &str = "emergency override: ";

/// The text before and after the organisation's name.
fn care_link_words(kind: &CareLinkKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        CareLinkKind::Referral => ("referred to ", ""),
        CareLinkKind::Appointment => ("appointment at ", ""),
        CareLinkKind::Caseload => ("on the caseload of ", ""),
        CareLinkKind::Resident => ("resident at ", ""),
        CareLinkKind::UrgentCase => ("open case at ", ""),
        CareLinkKind::SafeguardingEnquiry => ("safeguarding enquiry of ", ""),
        CareLinkKind::MeetingList => ("on the meeting list of ", ""),
        CareLinkKind::NominatedPharmacy => ("nominated the pharmacy ", ""),
        CareLinkKind::DischargedTo => ("discharged to ", WITHIN_28_DAYS),
        CareLinkKind::Other(_) => return None,
    })
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

    /// Parses the recorded form. `None` for a text that this version does not write.
    pub fn parse(text: &str) -> Option<Self> {
        let after = |prefix: &str| text.strip_prefix(prefix).map(str::to_owned);
        let left = || text.strip_prefix(LEFT)?.strip_suffix(WITHIN_28_DAYS).map(str::to_owned);
        let fixed = match text {
            OWN_RECORD => Some(Self::OwnRecord),
            IN_YOUR_CARE => Some(Self::InYourCare),
            HOLDS_RECORD => Some(Self::HoldsRecord),
            NAMED_IN_CHOICE => Some(Self::NamedInChoice),
            REVIEWS_CHOICES => Some(Self::ReviewsChoices),
            _ => None,
        };
        fixed
            .or_else(|| after(REGISTERED_AT).map(|organisation| Self::RegisteredPractice { organisation }))
            .or_else(|| after(IN_HOSPITAL_AT).map(|organisation| Self::InHospital { organisation }))
            .or_else(|| left().map(|organisation| Self::LeftHospital { organisation }))
            .or_else(|| after(IN_THE_AREA_OF).map(|organisation| Self::TeamArea { organisation }))
            .or_else(|| after(UNTIL_RECENTLY_AT).map(|organisation| Self::FormerPractice { organisation }))
            .or_else(|| after(SESSION_FOR).map(|organisation| Self::PracticeSession { organisation }))
            .or_else(|| after(OPENED_FROM).map(|organisation| Self::Launched { organisation }))
            .or_else(|| after(CLAIMED).map(|reason| Self::SelfClaimed { reason: reason.into() }))
            .or_else(|| after(OVERRIDE).map(|reason| Self::Override { reason: reason.into() }))
            .or_else(|| {
                CareLinkKind::KNOWN.into_iter().find_map(|kind| {
                    let (before, after) = care_link_words(&kind)?;
                    let organisation = text.strip_prefix(before)?.strip_suffix(after)?.to_owned();
                    Some(Self::CareLink { kind, organisation })
                })
            })
    }
}

impl fmt::Display for Relationship {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RegisteredPractice { organisation } => write!(f, "{REGISTERED_AT}{organisation}"),
            Self::InHospital { organisation } => write!(f, "{IN_HOSPITAL_AT}{organisation}"),
            Self::LeftHospital { organisation } => write!(f, "{LEFT}{organisation}{WITHIN_28_DAYS}"),
            Self::TeamArea { organisation } => write!(f, "{IN_THE_AREA_OF}{organisation}"),
            Self::OwnRecord => f.write_str(OWN_RECORD),
            Self::InYourCare => f.write_str(IN_YOUR_CARE),
            Self::HoldsRecord => f.write_str(HOLDS_RECORD),
            Self::NamedInChoice => f.write_str(NAMED_IN_CHOICE),
            Self::ReviewsChoices => f.write_str(REVIEWS_CHOICES),
            Self::FormerPractice { organisation } => write!(f, "{UNTIL_RECENTLY_AT}{organisation}"),
            Self::PracticeSession { organisation } => write!(f, "{SESSION_FOR}{organisation}"),
            Self::CareLink { kind, organisation } => match care_link_words(kind) {
                Some((before, after)) => write!(f, "{before}{organisation}{after}"),
                None => write!(f, "{kind}: {organisation}"),
            },
            Self::Launched { organisation } => write!(f, "{OPENED_FROM}{organisation}"),
            Self::SelfClaimed { reason } => write!(f, "{CLAIMED}{reason}"),
            Self::Override { reason } => write!(f, "{OVERRIDE}{reason}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<String> for Relationship {
    fn from(text: String) -> Self {
        Self::parse(&text).unwrap_or(Self::Other(text))
    }
}

impl From<Relationship> for String {
    fn from(relationship: Relationship) -> Self {
        relationship.to_string()
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
mod tests {
    use super::*;

    #[test]
    fn a_recorded_text_reads_as_its_relationship_and_is_written_unchanged() {
        let organisation = || "Beckside Surgery".to_owned();
        let recorded = [
            ("registered at Beckside Surgery", Relationship::RegisteredPractice { organisation: organisation() }),
            ("in hospital at Beckside Surgery", Relationship::InHospital { organisation: organisation() }),
            (
                "left Beckside Surgery within the last 28 days",
                Relationship::LeftHospital { organisation: organisation() },
            ),
            ("in the area of Beckside Surgery", Relationship::TeamArea { organisation: organisation() }),
            ("your own record", Relationship::OwnRecord),
            ("in the care of your organisation", Relationship::InYourCare),
            ("their organisation holds a record", Relationship::HoldsRecord),
            ("their organisation is named in a choice", Relationship::NamedInChoice),
            ("reviews choices", Relationship::ReviewsChoices),
            (
                "registered until recently at Beckside Surgery",
                Relationship::FormerPractice { organisation: organisation() },
            ),
            ("working a session for Beckside Surgery", Relationship::PracticeSession { organisation: organisation() }),
            ("opened from a system of Beckside Surgery", Relationship::Launched { organisation: organisation() }),
            ("involved, as stated: covering", Relationship::SelfClaimed { reason: ClaimReason::Covering }),
            (
                "discharged to Beckside Surgery within the last 28 days",
                Relationship::CareLink { kind: CareLinkKind::DischargedTo, organisation: organisation() },
            ),
            (
                "emergency override: life-threatening",
                Relationship::Override { reason: OverrideReason::LifeThreatening },
            ),
        ];
        for kind in CareLinkKind::KNOWN {
            let link = Relationship::CareLink { kind, organisation: organisation() };
            assert_eq!(Relationship::from(link.to_string()), link);
        }
        for (text, relationship) in recorded {
            assert_eq!(Relationship::from(text.to_owned()), relationship);
            assert_eq!(relationship.to_string(), text);
        }
    }

    #[test]
    fn a_text_of_another_version_is_kept_as_it_is() {
        for text in [
            "",
            "discharged to Beckside Surgery",
            "left",
            "left early",
            "Registered at X",
            " registered at X",
            "left  within the last 28 days ",
        ] {
            let read = Relationship::from(text.to_owned());
            assert_eq!((read.clone(), read.to_string().as_str()), (Relationship::Other(text.to_owned()), text));
            assert_eq!(read.kind(), RelationshipKind::None);
        }
    }
}
