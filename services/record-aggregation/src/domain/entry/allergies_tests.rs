//! Tests of `allergies.rs`.

use serde_json::json;

use super::*;

#[test]
fn an_allergy_without_a_code_is_named_by_the_substances_of_its_reactions() {
    let value = json!({ "reaction": [{ "substance": { "text": "Penicillin" }, "severity": "moderate",
            "manifestation": [{ "text": "Rash" }], "description": "Whole body", "note": [{ "text": "Seen by us" }] }] });
    let content = read_allergy(&value);
    assert_eq!(content.title, "Penicillin");
    let Detail::Allergy { reactions, .. } = content.detail else { panic!("an allergy") };
    assert_eq!(reactions, ["Rash, moderate", "Whole body"]);
    assert_eq!(content.notes, ["Seen by us"]);
}

#[test]
fn a_none_known_says_what_it_denies() {
    let coded = |code: &str| json!({ "code": { "coding": [{ "code": code }], "text": "as sent" } });
    let text = |text: &str| json!({ "code": { "text": text } });
    for (value, none_known, of) in [
        (coded("716186003"), true, None),
        (coded("no-known-allergies"), true, None),
        (text("No known allergies"), true, None),
        (text("NKA"), true, None),
        (text("None known."), true, None),
        (coded("409137002"), false, Some("drug")),
        (text("NKDA"), false, Some("drug")),
        (text("No known drug allergies"), false, Some("drug")),
        (text("No known allergy to latex"), false, Some("latex")),
        (coded("429625007"), false, Some("food")),
        (text("Penicillin"), false, None),
        (text("No known allergies except penicillin"), false, None),
        (text("No allergies to nuts but penicillin rash"), false, None),
    ] {
        let Detail::Allergy { none_known: all, none_known_of, .. } = read_allergy(&value).detail else {
            panic!("an allergy")
        };
        assert_eq!((all, none_known_of.as_deref()), (none_known, of), "{value}");
    }
}

#[test]
fn a_none_known_that_ended_or_was_refuted_is_neither_an_allergy_nor_a_denial() {
    for (text, clinical, verification, holds) in [
        ("No known allergies", "active", "confirmed", true),
        ("No known allergies", "inactive", "confirmed", false),
        ("No known allergies", "resolved", "confirmed", false),
        ("No known allergies", "active", "refuted", false),
        ("No known allergies", "active", "entered-in-error", false),
        ("No known drug allergies", "resolved", "confirmed", false),
    ] {
        let status = |text: &str| json!({ "text": text });
        let value = json!({ "code": { "text": text }, "clinicalStatus": status(clinical),
                "verificationStatus": status(verification) });
        let Detail::Allergy { none_known, none_known_of, ended_denial, .. } = read_allergy(&value).detail else {
            panic!("an allergy")
        };
        assert_eq!((none_known || none_known_of.is_some(), ended_denial), (holds, !holds), "{value}");
    }
    let penicillin = json!({ "code": { "text": "Penicillin" }, "clinicalStatus": { "text": "resolved" } });
    assert!(matches!(read_allergy(&penicillin).detail, Detail::Allergy { ended_denial: false, .. }));
}

#[test]
fn the_date_is_that_of_the_record_and_the_onset_is_kept() {
    let value = json!({ "code": { "text": "Latex" }, "onsetDateTime": "1999", "recordedDate": "2019-03-12" });
    let content = read_allergy(&value);
    assert_eq!(content.date.as_deref(), Some("2019-03-12"));
    assert_eq!(content.more, [("Began".to_owned(), "1999".to_owned())]);
    assert_eq!(read_allergy(&json!({ "onsetDateTime": "1999" })).date.as_deref(), Some("1999"));
}

#[test]
fn a_reaction_to_a_more_specific_substance_names_it() {
    let value = json!({ "code": { "text": "Penicillins" }, "reaction": [
            { "substance": { "text": "Flucloxacillin" }, "manifestation": [{ "text": "Anaphylaxis" }] }] });
    let Detail::Allergy { reactions, .. } = read_allergy(&value).detail else { panic!("an allergy") };
    assert_eq!(reactions, ["Anaphylaxis (to Flucloxacillin)"]);
}
