//! The text by which permits and audit entries record a relationship. The audit log's tree hashes it, so it must never change.

use std::fmt;

use super::Relationship;
use crate::CareLinkKind;

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
