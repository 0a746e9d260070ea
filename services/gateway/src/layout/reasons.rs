//! The words for recorded reasons and relationships, for staff and for patients. Pages must compare codes, never the recorded
//! text; only a reason of another version is shown as it is recorded.

mod patient_words;

use lcr_contracts::{audit::AccessKind, consent::Refusal, incidents::IncidentAct, vocabulary::ReasonCode};
use lcr_model::{CareLinkKind, Relationship};

use crate::layout::link_words::{Voice, claim_reason_words, override_reason_words};
pub use patient_words::{choice_action_for_patient, claim_action_for_patient, link_sentence_for_patient};

/// A relationship as the reader who has it reads it, to follow "You can see this record because:".
pub fn relationship_for_staff(relationship: &Relationship) -> String {
    match relationship {
        Relationship::RegisteredPractice { organisation } => format!("registered at {organisation}"),
        Relationship::InHospital { organisation } => format!("in hospital at {organisation}"),
        Relationship::LeftHospital { organisation } => format!("left {organisation} within the last 28 days"),
        Relationship::TeamArea { organisation } => format!("in the area of {organisation}"),
        Relationship::OwnRecord => "their own record".to_owned(),
        Relationship::InYourCare => "in the care of your organisation".to_owned(),
        Relationship::HoldsRecord => "their organisation holds a record".to_owned(),
        Relationship::NamedInChoice => "their organisation is named in a choice".to_owned(),
        Relationship::ReviewsChoices => "reviews choices".to_owned(),
        Relationship::FormerPractice { organisation } => {
            format!("registered until recently at {organisation} (until 28 days after the change)")
        }
        Relationship::PracticeSession { organisation } => {
            format!("your service works for {organisation}, where the person is registered")
        }
        Relationship::CareLink { kind, organisation } => care_link_for_staff(kind, organisation),
        Relationship::Launched { organisation } => format!("opened from a system of {organisation}"),
        Relationship::SelfClaimed { reason } => {
            format!("you said why you are involved: {}", claim_reason_words(reason, Voice::Reader))
        }
        Relationship::Override { reason } => {
            format!("you opened it in an emergency: {}", override_reason_words(reason, Voice::Reader))
        }
        Relationship::Other(text) => text.clone(),
    }
}

fn care_link_for_staff(kind: &CareLinkKind, organisation: &str) -> String {
    match kind {
        CareLinkKind::Referral => format!("referred to {organisation}"),
        CareLinkKind::Appointment => format!("an appointment at {organisation} in the last or next 28 days"),
        CareLinkKind::Caseload => format!("on the caseload of {organisation}"),
        CareLinkKind::Resident => format!("lives at {organisation}"),
        CareLinkKind::UrgentCase => format!("an open case at {organisation}"),
        CareLinkKind::SafeguardingEnquiry => format!("a safeguarding enquiry of {organisation}"),
        CareLinkKind::MeetingList => format!("on the list of a meeting of {organisation}"),
        CareLinkKind::NominatedPharmacy => format!("nominated {organisation} for prescriptions"),
        CareLinkKind::DischargedTo => format!("discharged to {organisation} within the last 28 days"),
        CareLinkKind::Other(_) => format!("in the care of {organisation}"),
    }
}

/// A relationship of somebody else, as officers read it.
pub fn relationship_for_officers(relationship: &Relationship) -> String {
    match relationship {
        Relationship::InYourCare => "in the care of their organisation".to_owned(),
        Relationship::PracticeSession { organisation } => {
            format!("their service works for {organisation}, where the person is registered")
        }
        Relationship::SelfClaimed { reason } => {
            format!("they said why they were involved: {}", claim_reason_words(reason, Voice::Officer))
        }
        Relationship::Override { reason } => {
            format!("emergency override: {}", override_reason_words(reason, Voice::Officer))
        }
        _ => relationship_for_staff(relationship),
    }
}

/// A reason as officers read it. `None` if none is recorded.
pub fn reason_for_officers(reason: &ReasonCode) -> Option<String> {
    Some(match reason {
        ReasonCode::Relationship(relationship) => relationship_for_officers(relationship),
        ReasonCode::Permitted(AccessKind::Search) => "the role may search".to_owned(),
        ReasonCode::Permitted(_) => "the role allows it".to_owned(),
        ReasonCode::Refused(refusal) => refusal_text(*refusal).to_owned(),
        ReasonCode::ChoicesRead(by) => format!("read choices: {}", relationship_for_officers(by)),
        ReasonCode::ObjectionMade(by) => format!("objection made: {}", relationship_for_officers(by)),
        ReasonCode::ObjectionWithdrawn(by) => format!("objection withdrawn: {}", relationship_for_officers(by)),
        ReasonCode::ObjectionReviewed(by) => format!("objection reviewed: {}", relationship_for_officers(by)),
        ReasonCode::ClaimMade(claim) => relationship_for_officers(claim),
        ReasonCode::ClaimJustified(claim) => format!("found justified: {}", relationship_for_officers(claim)),
        ReasonCode::ClaimNotJustified(claim) => format!("found not justified: {}", relationship_for_officers(claim)),
        ReasonCode::ClaimEnded(claim) => format!("ended by the user: {}", relationship_for_officers(claim)),
        ReasonCode::ClaimRefused(claim) => format!("refused: {}", relationship_for_officers(claim)),
        ReasonCode::LogRead => "read the log".to_owned(),
        ReasonCode::Incident(step) => incident_act(&step.act),
        ReasonCode::Other(text) => Some(text.clone()).filter(|text| !text.is_empty())?,
    })
}

fn incident_act(act: &IncidentAct) -> String {
    match act {
        IncidentAct::Opened => "opened an incident".to_owned(),
        IncidentAct::Shared(with) => format!("shared an incident with organisation {with}"),
        IncidentAct::ShareEnded(with) => format!("ended the share of an incident with organisation {with}"),
        IncidentAct::Closed => "closed an incident".to_owned(),
        IncidentAct::LogRead => "read the log through an incident".to_owned(),
    }
}

fn refusal_text(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Role => "the role may not see this data",
        Refusal::NoRelationship => "no caring relationship on record",
        Refusal::Objected => "the person has objected",
        Refusal::CatchingUp => "details were still being checked",
        Refusal::SessionEnded => "the session had ended",
        Refusal::TooOften => "searched unusually often",
        Refusal::Unknown => "refused for a reason that this version does not know",
    }
}

#[cfg(test)]
#[path = "reasons_tests.rs"]
mod tests;
