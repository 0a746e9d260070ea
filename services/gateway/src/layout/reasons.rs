//! The words for recorded reasons and relationships, for staff and for patients. Pages must compare codes, never the recorded
//! text; only a reason of another version is shown as it is recorded.

use lcr_contracts::{audit::AccessKind, consent::Refusal, vocabulary::ReasonCode};
use lcr_model::Relationship;

/// A relationship as staff read it, to follow "You can see this record because:".
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
        Relationship::Other(text) => text.clone(),
    }
}

/// A reason as officers read it. `None` if none is recorded.
pub fn reason_for_officers(reason: &ReasonCode) -> Option<String> {
    Some(match reason {
        ReasonCode::Relationship(relationship) => relationship_for_staff(relationship),
        ReasonCode::Permitted(AccessKind::Search) => "the role may search".to_owned(),
        ReasonCode::Permitted(_) => "the role allows it".to_owned(),
        ReasonCode::Refused(refusal) => refusal_text(*refusal).to_owned(),
        ReasonCode::ChoicesRead(by) => format!("read choices: {}", relationship_for_staff(by)),
        ReasonCode::ObjectionMade(by) => format!("objection made: {}", relationship_for_staff(by)),
        ReasonCode::ObjectionWithdrawn(by) => format!("objection withdrawn: {}", relationship_for_staff(by)),
        ReasonCode::ObjectionReviewed(by) => format!("objection reviewed: {}", relationship_for_staff(by)),
        ReasonCode::LogRead => "read the log".to_owned(),
        ReasonCode::Other(text) => Some(text.clone()).filter(|text| !text.is_empty())?,
    })
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
        Relationship::HoldsRecord
        | Relationship::NamedInChoice
        | Relationship::ReviewsChoices
        | Relationship::Other(_) => relationship_for_staff(relationship),
    })
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
mod tests {
    use super::*;

    fn recorded(text: &str) -> ReasonCode {
        text.to_owned().into()
    }

    #[test]
    fn an_officer_reads_words_for_the_text_of_every_version() {
        for (text, words) in [
            ("registered at Beckside Surgery", "registered at Beckside Surgery"),
            ("objection made: registered at Beckside Surgery", "objection made: registered at Beckside Surgery"),
            ("no-relationship", "no caring relationship on record"),
            ("may search", "the role may search"),
            ("of a later version", "of a later version"),
        ] {
            assert_eq!(reason_for_officers(&recorded(text)).as_deref(), Some(words));
        }
        assert_eq!(reason_for_officers(&recorded("")), None);
    }

    #[test]
    fn a_patient_reads_only_a_link_as_a_link() {
        for (text, words) in [
            ("registered at Beckside Surgery", Some("your GP practice")),
            ("in hospital at St Hilda's", Some("you were in hospital at St Hilda's")),
            ("left St Hilda's within the last 28 days", Some("you left St Hilda's within the last 28 days")),
            ("in the area of Beck Valley Team", Some("your GP practice is in the area of Beck Valley Team")),
            ("referred by your dentist", Some("referred by your dentist")),
            ("may search", None),
            ("reads the log", None),
            ("", None),
        ] {
            assert_eq!(link_for_patient(&recorded(text)).as_deref(), words, "{text}");
        }
    }
}
