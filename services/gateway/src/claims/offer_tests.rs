//! Tests of `offer.rs`.

use lcr_model::{OverrideReason, Permission};

use super::*;

#[test]
fn only_what_consent_offers_is_on_the_page() {
    let nothing = ClaimOffer::default();
    assert!(claim_form(&nothing, &ClaimInput::default()).is_none());
    assert!(override_form(&nothing, &OverrideInput::default(), None, Timestamp::UNIX_EPOCH).is_none());
    let offer = ClaimOffer {
        claim_with: vec![Permission::Given],
        override_for: vec![OverrideReason::LifeThreatening],
        would_open: vec![RelationshipKind::ReferredHere, RelationshipKind::SelfClaimed],
    };
    let input = ClaimInput { reason: "covering".into(), ..ClaimInput::default() };
    let form = claim_form(&offer, &input).unwrap();
    assert_eq!(form.permissions.len(), 1, "the person can be asked");
    assert_eq!(form.reasons.iter().filter(|radio| radio.checked).count(), 1);
    assert_eq!(would_open(&offer, Role::CommunityNurse), ["a referral to your team"]);
    let form = override_form(&offer, &OverrideInput::default(), None, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(form.reasons[0].words, "Life-threatening emergency");
}

#[test]
fn an_override_needs_a_sign_in_of_the_last_five_minutes() {
    let offer = ClaimOffer { override_for: vec![OverrideReason::SeriousHarm], ..ClaimOffer::default() };
    let at = |second| Timestamp::from_second(second).unwrap();
    let first =
        |signed_in_at| override_form(&offer, &OverrideInput::default(), signed_in_at, at(1000)).unwrap().sign_in_first;
    assert!(!first(Some(at(700))));
    assert!(first(Some(at(699))) && first(None), "an older sign-in, and one of unknown time");
}
