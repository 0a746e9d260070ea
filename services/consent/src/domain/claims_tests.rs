//! Tests of `claims.rs`.

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

#[test]
fn a_claim_counts_from_its_start_until_just_before_its_end_unless_it_was_not_justified() {
    let claim = Validity { made_at: at(0), until: at(10), outcome: None };
    for (second, counts) in [(-1, false), (0, true), (9, true), (10, false)] {
        assert_eq!(claim.counts_at(at(second)), counts, "{second}");
    }
    let justified = Validity { outcome: Some(ClaimOutcome::Justified), ..claim };
    let ended = Validity { outcome: Some(ClaimOutcome::NotJustified), ..claim };
    assert!(justified.counts_at(at(1)) && !ended.counts_at(at(1)));
}

#[test]
fn a_review_bars_another_claim_and_only_that_of_an_override_bars_an_emergency() {
    let barred = |kind: ClaimKind| kind.barred_by().to_vec();
    assert_eq!(barred(ClaimKind::SelfClaim), REVIEWED_KINDS);
    assert_eq!(barred(ClaimKind::UnconfirmedLaunch), REVIEWED_KINDS);
    assert_eq!(barred(ClaimKind::Override), [ClaimKind::Override]);
    assert!(barred(ClaimKind::Launch).is_empty(), "the organisation's own system holds the person");
    assert_eq!(ClaimKind::UnconfirmedLaunch.limit(), ClaimKind::Launch.limit());
    assert_eq!(ClaimKind::from("unheld-launch").lifetime(), CLAIM_LIFETIME);
}

#[test]
fn an_officer_reads_the_role_in_the_words_of_the_portal() {
    let actor = Actor {
        user: lcr_model::UserId::new("u"),
        kind: lcr_model::ActorKind::Person,
        name: "Dr Imran Butt".to_owned(),
        org: lcr_model::OdsCode::new("Z9H01"),
        role: Role::EdClinician,
        purpose: lcr_model::Purpose::DirectCare,
        session: lcr_model::SessionId::new(),
    };
    let words = "Dr Imran Butt, emergency department clinician, St Hilda's Hospitals";
    assert_eq!(claimant_words(&actor, "St Hilda's Hospitals"), words);
}

#[test]
fn an_override_needs_a_sign_in_at_most_five_minutes_ago() {
    for (signed_in, accepted) in [(-301, false), (-300, true), (0, true), (1, false)] {
        assert_eq!(check_sign_in(Some(at(signed_in)), at(0)).is_ok(), accepted, "{signed_in}");
    }
    assert_eq!(check_sign_in(None, at(0)), Err(ClaimError::SignInTooOld));
}

#[test]
fn a_claim_needs_a_known_reason_and_an_override_a_readable_text() {
    let claim = |reason: &str, permission: &str, text: Option<&str>| {
        let text = text.map(str::to_owned);
        check_claim(&NewClaim { reason: reason.into(), permission: permission.into(), text })
    };
    assert_eq!(claim("covering", "given", None), Ok(None));
    assert_eq!(claim("covering", "given", Some(" \u{200b}")), Ok(None));
    assert_eq!(claim("curious", "given", None), Err(ClaimError::UnknownReason));
    assert_eq!(claim("covering", "assumed", None), Err(ClaimError::UnknownReason));
    assert_eq!(claim("covering", "given", Some(&"x".repeat(501))), Err(ClaimError::TextTooLong));
    let emergency = |reason: &str, text: &str| {
        check_override(&NewOverride { reason: reason.into(), text: text.into() }).map_err(|error| error.to_string())
    };
    assert!(emergency("life-threatening", "unconscious after a fall").is_ok());
    for text in ["", "123456789", "          ", &"x".repeat(501)] {
        assert!(emergency("life-threatening", text).is_err(), "{text}");
    }
    assert!(emergency("curiosity", "unconscious after a fall").is_err());
}
