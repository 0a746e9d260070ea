//! The words for recorded reasons and acts, for patients. Pages must compare codes, never the recorded text.

use lcr_contracts::vocabulary::ReasonCode;
use lcr_model::{CareLinkKind, Relationship};

use super::{relationship_for_officers, relationship_for_staff};
use crate::layout::link_words::{Voice, claim_reason_words, override_reason_words};

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
