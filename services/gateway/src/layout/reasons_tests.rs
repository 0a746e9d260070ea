//! Tests of the words for reasons: each reader is told the same link in their own words.

use lcr_model::{ClaimReason, OverrideReason};

use super::{patient_words::link_for_patient, *};

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

const FORMER: &str = "Beckside Surgery was your GP practice until recently (until 28 days after the change)";

#[test]
fn a_stated_reason_is_told_as_one_to_reader_officer_and_patient() {
    let claim = Relationship::SelfClaimed { reason: ClaimReason::Covering };
    let override_ = Relationship::Override { reason: OverrideReason::LifeThreatening };
    assert_eq!(
        relationship_for_staff(&claim),
        "you said why you are involved: you cover for a colleague who cares for the person"
    );
    assert_eq!(relationship_for_officers(&claim), "they said why they were involved: covering for a colleague");
    assert_eq!(relationship_for_officers(&override_), "emergency override: life-threatening emergency");
    let patient = |relationship| link_sentence_for_patient(&ReasonCode::Relationship(relationship)).unwrap();
    assert_eq!(patient(claim), "They said why they were involved: covering for a colleague.");
    assert_eq!(
        patient(override_.clone()),
        "They opened it in an emergency: life-threatening emergency. A privacy officer checks this."
    );
    assert_eq!(
        claim_action_for_patient(&ReasonCode::ClaimNotJustified(override_)),
        "checked an emergency opening of your record, and found it not right"
    );
}

#[test]
fn every_relationship_has_words_for_every_reader() {
    let organisation = || "Beckside Surgery".to_owned();
    let links = CareLinkKind::KNOWN.map(|kind| Relationship::CareLink { kind, organisation: organisation() });
    let others = [
        Relationship::FormerPractice { organisation: organisation() },
        Relationship::PracticeSession { organisation: organisation() },
        Relationship::Launched { organisation: organisation() },
    ];
    for relationship in links.into_iter().chain(others) {
        let staff = relationship_for_staff(&relationship);
        let patient = link_sentence_for_patient(&ReasonCode::Relationship(relationship.clone())).unwrap();
        assert!(staff.contains("Beckside Surgery") && patient.contains("Beckside Surgery"), "{staff} {patient}");
        assert!(patient.starts_with("Recorded link to you: ") && patient.ends_with('.'), "{patient}");
    }
}

#[test]
fn a_patient_reads_only_a_link_as_a_link() {
    for (text, words) in [
        ("registered at Beckside Surgery", Some("your GP practice")),
        ("in hospital at St Hilda's", Some("you were in hospital at St Hilda's")),
        ("left St Hilda's within the last 28 days", Some("you left St Hilda's within the last 28 days")),
        ("in the area of Beck Valley Team", Some("your GP practice is in the area of Beck Valley Team")),
        ("of a later version", Some("of a later version")),
        ("referred to Beck Valley Team", Some("you were referred to Beck Valley Team")),
        ("registered until recently at Beckside Surgery", Some(FORMER)),
        (
            "discharged to Beck Valley Team within the last 28 days",
            Some("a hospital discharged you to Beck Valley Team within the last 28 days"),
        ),
        ("involved, as stated: covering", None),
        ("emergency override: life-threatening", None),
        ("may search", None),
        ("reads the log", None),
        ("", None),
    ] {
        assert_eq!(link_for_patient(&recorded(text)).as_deref(), words, "{text}");
    }
}
