//! Tests of the review of claims by an officer.

use std::sync::Arc;

use axum::http::StatusCode;
use lcr_contracts::{
    FailureKind,
    claims::{Claim, ClaimList, ClaimOutcome},
};
use lcr_model::{ClaimReason, OverrideReason, Permission, Relationship};
use uuid::Uuid;

use super::leads_to;
use crate::{
    browser::{get_as, post_as, visible_text},
    fakes::World,
    pages::assert_well_formed,
    sample::{self, FREDRICA},
};

pub const CLAIM: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0d01);

pub fn queue() -> ClaimList {
    let claim = |id, relationship, permission| Claim {
        id,
        person: FREDRICA,
        relationship,
        made_by: "Tom Ibbotson, community nurse, Beck Valley Team".into(),
        permission,
        text: Some("Visit at noon".into()),
        made_at: sample::at("2026-11-21T12:00:00Z"),
        until: sample::at("2026-11-22T12:00:00Z"),
        outcome: None,
        review: None,
        reviewed_at: None,
    };
    let covering = Relationship::SelfClaimed { reason: ClaimReason::Covering };
    let emergency = Relationship::Override { reason: OverrideReason::LifeThreatening };
    ClaimList {
        waiting: vec![claim(CLAIM, covering.clone(), Some(Permission::Given)), claim(Uuid::nil(), emergency, None)],
        reviewed: vec![Claim {
            outcome: Some(ClaimOutcome::Justified),
            review: Some("She covered the round.".into()),
            reviewed_at: Some(sample::now()),
            ..claim(Uuid::max(), covering, Some(Permission::Given))
        }],
        more: false,
    }
}

#[tokio::test]
async fn an_officer_reads_the_claims_without_names_until_they_ask() {
    let world = Arc::new(World { claim_list: queue(), ..World::default() });
    let page = get_as(&world, "privacy-officer", "/privacy/claims").await;
    assert_well_formed("/privacy/claims", &page.text);
    let text = visible_text(&page.text);
    let (emergency, claim) = (text.find("Emergency override: Tom").unwrap(), text.find("Claim: Tom").unwrap());
    assert!(emergency < claim, "overrides first");
    for expected in [
        "Reason they said why they were involved: covering for a colleague",
        "Permission Yes, they gave permission",
        "Visit at noon",
        "a person",
        "She covered the round.",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains("SMITH"));
    let named = get_as(&world, "privacy-officer", "/privacy/claims?names=yes").await.text;
    assert!(named.contains("SMITH, Fredrica, 14-Jul-1945") && !named.contains("Show whom these claims are about"));
    for path in ["/privacy", "/home"] {
        let text = visible_text(&get_as(&world, "privacy-officer", path).await.text);
        assert!(text.contains("Claims to check (2) 1 override and 1 claim wait for your check."), "{path}: {text}");
    }
    assert!(!get_as(&world, "gp", "/home").await.text.contains("Claims to check"));
}

#[tokio::test]
async fn an_officer_reviews_a_claim_with_a_finding() {
    let world = Arc::new(World { claim_list: queue(), ..World::default() });
    let path = format!("/privacy/claims/{CLAIM}");
    let page = post_as(&world, "privacy-officer", &path, "outcome=justified&text=+x").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains(&format!("<a href=\"#found-{CLAIM}\">")) && page.text.contains("autofocus"));
    assert!(world.reviewed_claims.lock().unwrap().is_empty());
    let done = post_as(&world, "privacy-officer", &path, "outcome=not-justified&text=No+visit+was+planned").await;
    assert!(leads_to(&done, "/privacy/claims"));
    let (id, review) = world.reviewed_claims.lock().unwrap().pop().unwrap();
    assert_eq!((id, review.outcome, review.text.as_str()), (CLAIM, ClaimOutcome::NotJustified, "No visit was planned"));
    assert!(leads_to(&get_as(&world, "privacy-officer", &path).await, "/privacy/claims"));
    for (role, path, status) in [
        ("gp", path.as_str(), StatusCode::FORBIDDEN),
        ("privacy-officer", "/privacy/claims/none", StatusCode::NOT_FOUND),
    ] {
        let fields = "outcome=justified&text=seen";
        assert_eq!(post_as(&world, role, path, fields).await.status, status, "{role} {path}");
    }
    assert_eq!(get_as(&world, "gp", "/privacy/claims").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_review_that_was_made_meanwhile_is_told_at_its_claim() {
    let claim_failure = Some((FailureKind::Conflict, "This claim was reviewed a moment ago."));
    let world = Arc::new(World { claim_list: queue(), claim_failure, ..World::default() });
    let path = format!("/privacy/claims/{CLAIM}");
    let page = post_as(&world, "privacy-officer", &path, "outcome=justified&text=seen").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains(&format!("<a href=\"#outcome-{CLAIM}\">This claim was reviewed a moment ago.")));
}
