//! The words for kinds of links between a reader and a person, and for the reasons that a reader gives without a link. Pages
//! must never show the names that services exchange, except a name of another version.

use lcr_model::{CareLinkKind, ClaimReason, OverrideReason, Permission, RelationshipKind, Role};

use crate::roles::HOSPITAL_ROLES;

/// What makes a link of this kind, such as "a referral to your team". `whose` is "your" for the reader and "their" in a list
/// of roles.
pub fn link_words(kind: RelationshipKind, role: Role, whose: &str) -> String {
    let place = place(role);
    match kind {
        RelationshipKind::RegisteredPractice => format!("a registration with {whose} practice"),
        RelationshipKind::FormerPractice28Days => {
            format!("a registration with {whose} practice that ended in the last 28 days")
        }
        RelationshipKind::PracticeSession => format!("a registration with a practice that {whose} service works for"),
        RelationshipKind::InPatientHere => format!("a stay or an attendance at {whose} hospital"),
        RelationshipKind::LeftHere28Days => format!("a stay at {whose} hospital that ended in the last 28 days"),
        RelationshipKind::OnTheWard => format!("a stay on {whose} ward"),
        RelationshipKind::TeamArea => format!("a registration with a practice in the area of {whose} team"),
        RelationshipKind::ReferredHere => format!("a referral to {whose} {place}"),
        RelationshipKind::AppointmentHere if whose == "your" => {
            "an appointment with you in the last or next 28 days".to_owned()
        }
        RelationshipKind::AppointmentHere => {
            format!("an appointment at {whose} {place} in the last or next 28 days")
        }
        RelationshipKind::OnCaseload => format!("the person's name on {whose} caseload"),
        RelationshipKind::ResidentHere => format!("the person's name among the residents of {whose} {place}"),
        RelationshipKind::UrgentCaseHere => format!("an open case at {whose} {place}"),
        RelationshipKind::SafeguardingEnquiry => format!("a safeguarding enquiry of {whose} {place}"),
        RelationshipKind::OnMeetingList => format!("the person's name on the list of a meeting of {whose} {place}"),
        RelationshipKind::NominatedPharmacy => format!("a nomination of {whose} pharmacy for prescriptions"),
        RelationshipKind::DischargedTo28Days => {
            format!("a hospital's discharge to {whose} {place} in the last 28 days")
        }
        RelationshipKind::LaunchedHere => format!("opening the person's record from {whose} own system"),
        RelationshipKind::SelfClaimed => "a stated reason, for 24 hours".to_owned(),
        RelationshipKind::EmergencyOverride => "an override in an emergency, for 30 minutes".to_owned(),
        RelationshipKind::OwnRecord => "being the person".to_owned(),
        RelationshipKind::HoldsRecord => format!("a record of the person at {whose} organisation"),
        RelationshipKind::NamedInChoice => format!("a choice of the person that names {whose} organisation"),
        RelationshipKind::None => "no link".to_owned(),
    }
}

/// Where the role works.
fn place(role: Role) -> &'static str {
    match role {
        _ if HOSPITAL_ROLES.contains(&role) => "hospital",
        Role::Gp | Role::PracticeManager | Role::Receptionist => "practice",
        Role::Pharmacist => "pharmacy",
        Role::CareHome => "care home",
        Role::Paramedic | Role::OutOfHoursGp => "service",
        _ => "team",
    }
}

/// The heading of a list of people whom the reader's organisation cares for, by evidence of this kind.
pub fn care_list_heading(kind: &CareLinkKind) -> &'static str {
    match kind {
        CareLinkKind::Caseload => "Your caseload",
        CareLinkKind::Appointment => "Appointments",
        CareLinkKind::Resident => "Residents",
        CareLinkKind::UrgentCase => "Open cases",
        CareLinkKind::SafeguardingEnquiry => "Safeguarding enquiries",
        CareLinkKind::Referral => "Referred to you",
        CareLinkKind::MeetingList => "Meeting list",
        CareLinkKind::NominatedPharmacy => "Patients who nominated you",
        CareLinkKind::DischargedTo => "Discharged to you",
        CareLinkKind::Other(_) => "Other people in your care",
    }
}

/// Who says it of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// The reader of themself, on their form and their page.
    Reader,
    /// The log of the reader, for officers.
    Officer,
    /// The log of the reader, for the patient.
    Patient,
}

/// A claim's reason, to follow a colon.
pub fn claim_reason_words(reason: &ClaimReason, voice: Voice) -> String {
    let words: &str = match (reason, voice) {
        (ClaimReason::PersonIsHere, Voice::Reader) => "the person is with you now",
        (ClaimReason::PersonIsHere, Voice::Officer) => "the person was with them",
        (ClaimReason::PersonIsHere, Voice::Patient) => "you were with them",
        (ClaimReason::PersonContactedUs, Voice::Reader) => "the person, or somebody for them, contacted you",
        (ClaimReason::PersonContactedUs, Voice::Officer) => "the person, or somebody for them, contacted them",
        (ClaimReason::PersonContactedUs, Voice::Patient) => "you, or somebody for you, contacted them",
        (ClaimReason::ReferredToUs, Voice::Reader) => "the person was referred to you, and no record of it has arrived",
        (ClaimReason::ReferredToUs, Voice::Officer) => {
            "the person was referred to them, and no record of it had arrived"
        }
        (ClaimReason::ReferredToUs, Voice::Patient) => "you were referred to them",
        (ClaimReason::Covering, Voice::Reader) => "you cover for a colleague who cares for the person",
        (ClaimReason::Covering, Voice::Officer | Voice::Patient) => "covering for a colleague",
        (ClaimReason::Other(text), _) => text,
    };
    words.to_owned()
}

/// An override's reason, to follow a colon.
pub fn override_reason_words(reason: &OverrideReason, voice: Voice) -> String {
    let words: &str = match (reason, voice) {
        (OverrideReason::LifeThreatening, _) => "life-threatening emergency",
        (OverrideReason::CannotConsent, Voice::Patient) => "you could not be asked, and needed care at once",
        (OverrideReason::CannotConsent, _) => "the person cannot be asked, and needs care at once",
        (OverrideReason::SeriousHarm, _) => "risk of serious harm to somebody",
        (OverrideReason::Other(text), _) => text,
    };
    words.to_owned()
}

/// Whether the person gave permission, as the form asks it and the officer reads it.
pub fn permission_words(permission: &Permission) -> &str {
    match permission {
        Permission::Given => "Yes, they gave permission",
        Permission::CannotBeAsked => "They cannot be asked",
        Permission::Other(text) => text,
    }
}

#[cfg(test)]
#[path = "link_words_tests.rs"]
mod tests;
