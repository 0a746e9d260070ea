//! The words for recorded reasons and relationships, for staff and for patients. Pages must compare codes, never the recorded
//! text; only a reason of another version is shown as it is recorded.

use lcr_contracts::{audit::AccessKind, consent::Refusal, incidents::IncidentAct, vocabulary::ReasonCode};
use lcr_model::{CareLinkKind, Relationship};

use crate::layout::link_words::{Voice, claim_reason_words, override_reason_words};

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

/// The reader's link to the patient, as the patient reads it. `None` for a reason that is no link.
pub fn link_for_patient(reason: &ReasonCode) -> Option<String> {
    let relationship = match reason {
        ReasonCode::Relationship(relationship) => relationship,
        ReasonCode::Other(text) if !text.is_empty() => return Some(text.clone()),
        _ => return None,
    };
    Some(match relationship {
        Relationship::RegisteredPractice { .. } => "your GP practice".to_owned(),
        Relationship::InHospital { organisation } => format!("you were in hospital at {organisation}"),
        Relationship::LeftHospital { organisation } => format!("you left {organisation} within the last 28 days"),
        Relationship::TeamArea { organisation } => format!("your GP practice is in the area of {organisation}"),
        Relationship::OwnRecord => "your own record".to_owned(),
        Relationship::InYourCare => "you were in the care of their organisation".to_owned(),
        Relationship::FormerPractice { organisation } => {
            format!("{organisation} was your GP practice until recently (until 28 days after the change)")
        }
        Relationship::PracticeSession { organisation } => format!("they work for {organisation}, your GP practice"),
        Relationship::CareLink { kind, organisation } => care_link_for_patient(kind, organisation),
        Relationship::Launched { organisation } => {
            format!("they opened your record from a system of {organisation}")
        }
        Relationship::SelfClaimed { .. } | Relationship::Override { .. } => return None,
        Relationship::HoldsRecord
        | Relationship::NamedInChoice
        | Relationship::ReviewsChoices
        | Relationship::Other(_) => relationship_for_staff(relationship),
    })
}

fn care_link_for_patient(kind: &CareLinkKind, organisation: &str) -> String {
    match kind {
        CareLinkKind::Referral => format!("you were referred to {organisation}"),
        CareLinkKind::Appointment => format!("your appointment at {organisation}"),
        CareLinkKind::Caseload => format!("you are looked after by {organisation}"),
        CareLinkKind::Resident => format!("you live at {organisation}"),
        CareLinkKind::UrgentCase => format!("you, or somebody for you, asked {organisation} for urgent help"),
        CareLinkKind::MeetingList => format!("your care was discussed at a meeting of {organisation}"),
        CareLinkKind::NominatedPharmacy => format!("{organisation} is the pharmacy chosen for your prescriptions"),
        CareLinkKind::DischargedTo => {
            format!("a hospital discharged you to {organisation} within the last 28 days")
        }
        // An enquiry must not show in a log that somebody else may read over the person's shoulder.
        CareLinkKind::SafeguardingEnquiry | CareLinkKind::Other(_) => {
            format!("you were in the care of {organisation}")
        }
    }
}

/// Why the reader could look, as a sentence for the patient. A reason that the reader gave is no recorded link, and says so.
pub fn link_sentence_for_patient(reason: &ReasonCode) -> Option<String> {
    match reason {
        ReasonCode::Relationship(Relationship::SelfClaimed { reason }) => {
            Some(format!("They said why they were involved: {}.", claim_reason_words(reason, Voice::Patient)))
        }
        ReasonCode::Relationship(Relationship::Override { reason }) => Some(format!(
            "They opened it in an emergency: {}. A privacy officer checks this.",
            override_reason_words(reason, Voice::Patient)
        )),
        _ => link_for_patient(reason).map(|link| format!("Recorded link to you: {link}.")),
    }
}

/// What was said to open the patient's record, or what an officer found of it, to follow the name of who did it.
pub fn claim_action_for_patient(reason: &ReasonCode) -> String {
    let stated = |claim: &Relationship| match claim {
        Relationship::SelfClaimed { reason } => claim_reason_words(reason, Voice::Patient),
        Relationship::Override { reason } => override_reason_words(reason, Voice::Patient),
        other => relationship_for_officers(other),
    };
    let checked = |claim: &Relationship| match claim {
        Relationship::Override { .. } => "an emergency opening of your record",
        _ => "the reason that somebody gave for opening your record",
    };
    match reason {
        ReasonCode::ClaimMade(claim @ Relationship::Override { .. }) => {
            format!("said that they must open your record in an emergency: {}", stated(claim))
        }
        ReasonCode::ClaimMade(Relationship::Launched { organisation }) => {
            format!("opened your record from a system of {organisation}")
        }
        ReasonCode::ClaimMade(claim) => format!("said why they are involved with you: {}", stated(claim)),
        ReasonCode::ClaimJustified(claim) => format!("checked {}, and found it right", checked(claim)),
        ReasonCode::ClaimNotJustified(claim) => format!("checked {}, and found it not right", checked(claim)),
        ReasonCode::ClaimEnded(_) => "ended the emergency opening of your record".to_owned(),
        ReasonCode::ClaimRefused(claim) => {
            format!("said that they must open your record in an emergency, and it stayed closed: {}", stated(claim))
        }
        _ => "gave or checked a reason for opening your record".to_owned(),
    }
}

/// What was done with the patient's choices, to follow the name of who did it.
pub fn choice_action_for_patient(reason: &ReasonCode, by_patient: bool) -> &'static str {
    match (reason, by_patient) {
        (ReasonCode::ObjectionMade(_), true) => "objected to sharing",
        (ReasonCode::ObjectionMade(_), false) => "made an objection to sharing for you",
        (ReasonCode::ObjectionWithdrawn(_), true) => "took back your objection to sharing",
        (ReasonCode::ObjectionWithdrawn(_), false) => "took back an objection to sharing for you",
        (ReasonCode::ObjectionReviewed(_), _) => "reviewed your objection to sharing",
        _ => "looked at your choices about sharing",
    }
}

#[cfg(test)]
#[path = "reasons_tests.rs"]
mod tests;
