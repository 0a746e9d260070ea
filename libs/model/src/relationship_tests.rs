//! Tests of `relationship.rs`.

use super::*;

#[test]
fn a_recorded_text_reads_as_its_relationship_and_is_written_unchanged() {
    let organisation = || "Beckside Surgery".to_owned();
    let recorded = [
        ("registered at Beckside Surgery", Relationship::RegisteredPractice { organisation: organisation() }),
        ("in hospital at Beckside Surgery", Relationship::InHospital { organisation: organisation() }),
        ("left Beckside Surgery within the last 28 days", Relationship::LeftHospital { organisation: organisation() }),
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
        ("emergency override: life-threatening", Relationship::Override { reason: OverrideReason::LifeThreatening }),
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
