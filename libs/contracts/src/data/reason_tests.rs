//! Tests of `reason.rs`.

use serde_json::json;

use super::*;

fn practice() -> Relationship {
    Relationship::RegisteredPractice { organisation: "Beckside Surgery".into() }
}

#[test]
fn the_text_of_an_old_entry_reads_as_its_code_and_is_written_unchanged() {
    let recorded = [
        ("registered at Beckside Surgery", ReasonCode::Relationship(practice())),
        ("reviews choices", ReasonCode::Relationship(Relationship::ReviewsChoices)),
        ("may search", ReasonCode::Permitted(AccessKind::Search)),
        ("no-relationship", ReasonCode::Refused(Refusal::NoRelationship)),
        ("too-often", ReasonCode::Refused(Refusal::TooOften)),
        ("reads choices: your own record", ReasonCode::ChoicesRead(Relationship::OwnRecord)),
        ("objection made: registered at Beckside Surgery", ReasonCode::ObjectionMade(practice())),
        ("objection withdrawn: your own record", ReasonCode::ObjectionWithdrawn(Relationship::OwnRecord)),
        (
            "objection reviewed: their organisation holds a record",
            ReasonCode::ObjectionReviewed(Relationship::HoldsRecord),
        ),
        ("reads the log", ReasonCode::LogRead),
        (
            "claim made: involved, as stated: covering",
            ReasonCode::ClaimMade(Relationship::SelfClaimed { reason: lcr_model::ClaimReason::Covering }),
        ),
        (
            "claim ended: involved, as stated: covering",
            ReasonCode::ClaimEnded(Relationship::SelfClaimed { reason: lcr_model::ClaimReason::Covering }),
        ),
        ("claim refused: registered at Beckside Surgery", ReasonCode::ClaimRefused(practice())),
        ("claim not justified: registered at Beckside Surgery", ReasonCode::ClaimNotJustified(practice())),
    ];
    for (text, code) in recorded {
        assert_eq!(serde_json::from_value::<ReasonCode>(json!(text)).unwrap(), code);
        assert_eq!(serde_json::to_value(&code).unwrap(), json!(text), "the version before reads this text");
    }
}

#[test]
fn every_access_kind_and_every_refusal_reads_as_written() {
    for kind in AccessKind::ALL {
        let code = ReasonCode::Permitted(kind);
        assert_eq!(ReasonCode::from(code.to_string()), code);
    }
    for refusal in Refusal::ALL {
        let code = ReasonCode::Refused(refusal);
        assert_eq!(ReasonCode::from(code.to_string()), code);
    }
}

#[test]
fn a_reason_of_another_version_is_kept_as_it_is() {
    for text in ["", "may of-a-later-version", "discharged to Beckside Surgery", "objection made", "reads  the log"] {
        let code = ReasonCode::from(text.to_owned());
        assert_eq!((code.clone(), code.to_string().as_str()), (ReasonCode::Other(text.to_owned()), text));
    }
    let later = "objection made: discharged to Beckside Surgery";
    let code = ReasonCode::from(later.to_owned());
    assert_eq!(code, ReasonCode::ObjectionMade(Relationship::Other("discharged to Beckside Surgery".into())));
    assert_eq!(code.to_string(), later, "the act is known even if the relationship is not");
}
