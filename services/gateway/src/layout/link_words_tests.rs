//! Tests of `link_words.rs`.

use super::*;

#[test]
fn every_kind_of_link_has_words_for_every_role() {
    for kind in RelationshipKind::ALL {
        for role in Role::ALL {
            let words = link_words(*kind, *role, "your");
            assert!(!words.is_empty() && !words.contains("-here"), "{kind} {role}: {words}");
        }
    }
    let words = |kind, role| link_words(kind, role, "your");
    assert_eq!(words(RelationshipKind::ReferredHere, Role::CommunityNurse), "a referral to your team");
    assert_eq!(words(RelationshipKind::ReferredHere, Role::Consultant), "a referral to your hospital");
    assert_eq!(words(RelationshipKind::OnCaseload, Role::SocialWorker), "the person's name on your caseload");
    let words = link_words(RelationshipKind::AppointmentHere, Role::WardNurse, "their");
    assert_eq!(words, "an appointment at their hospital in the last or next 28 days");
}

#[test]
fn every_offered_reason_has_words_of_its_own() {
    for voice in [Voice::Reader, Voice::Officer, Voice::Patient] {
        let claims = ClaimReason::OFFERED.map(|reason| claim_reason_words(&reason, voice));
        let overrides = OverrideReason::OFFERED.map(|reason| override_reason_words(&reason, voice));
        let all: std::collections::BTreeSet<&String> = claims.iter().chain(&overrides).collect();
        assert_eq!(all.len(), claims.len() + overrides.len(), "{voice:?}");
    }
    assert_eq!(claim_reason_words(&ClaimReason::from("of-a-later-version"), Voice::Patient), "of-a-later-version");
}
