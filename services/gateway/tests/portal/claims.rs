//! The refusal of a record with its forms, and the officers' queue of what was said on them.

mod review;

use std::sync::{Arc, Mutex};

use axum::http::{StatusCode, header};
use lcr_contracts::{FailureKind, claims::ClaimOffer};
use lcr_model::*;
pub use review::{CLAIM, queue};

use crate::{
    browser::{Answer, get_as, post_as, visible_text},
    fakes::World,
    pages::assert_well_formed,
    sample::{self, FREDRICA},
};

fn offer() -> ClaimOffer {
    ClaimOffer {
        claim_with: vec![Permission::Given, Permission::CannotBeAsked],
        override_for: vec![],
        would_open: vec![RelationshipKind::ReferredHere, RelationshipKind::OnCaseload, RelationshipKind::SelfClaimed],
    }
}

fn emergency_offer() -> ClaimOffer {
    ClaimOffer { override_for: OverrideReason::OFFERED.into(), ..offer() }
}

pub fn refused(kind: FailureKind, offer: ClaimOffer) -> Arc<World> {
    Arc::new(World { failure: Mutex::new(Some(kind)), offer, ..World::default() })
}

fn record() -> String {
    format!("/people/{FREDRICA}")
}

fn leads_to(answer: &Answer, path: &str) -> bool {
    answer.status == StatusCode::SEE_OTHER && answer.header(header::LOCATION) == path
}

#[tokio::test]
async fn a_refusal_says_what_would_open_the_record_and_offers_the_claim() {
    let world = refused(FailureKind::NoRelationship, offer());
    let page = get_as(&world, "community-nurse", &record()).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_well_formed("refusal", &page.text);
    let text = visible_text(&page.text);
    for expected in [
        "We have no record that you are caring for this person.",
        "A record opens to you while one of these is recorded: a referral to your team the person's name on your caseload",
        "call their GP practice, or use your local system",
        "Why are you involved? The person is with you now",
        "Yes, they gave permission They cannot be asked",
        "This will be checked by your privacy officer. It may be shown to the patient.",
        "Open the record for 24 hours",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains("override"), "nothing is offered that consent does not offer");
    assert!(!text.contains("SMITH"), "nobody is named who was not searched for");
}

#[tokio::test]
async fn a_role_that_is_offered_nothing_has_no_form() {
    let world = refused(FailureKind::NoRelationship, ClaimOffer { claim_with: vec![], ..offer() });
    let page = get_as(&world, "receptionist", &record()).await.text;
    assert!(!page.contains("/claim\"") && !page.contains("/override\""));
}

#[tokio::test]
async fn an_objection_has_no_claim_and_an_override_only_if_it_is_offered() {
    let page = get_as(&refused(FailureKind::Objected, offer()), "consultant", &record()).await.text;
    assert!(page.contains("This person has objected to sharing."));
    assert!(!page.contains("/claim\"") && !page.contains("/override\"") && !page.contains("a referral to"));
    let page = get_as(&refused(FailureKind::Objected, emergency_offer()), "consultant", &record()).await.text;
    assert!(!page.contains("/claim\"") && page.contains("/override\""));
    assert!(visible_text(&page).contains("Life-threatening emergency"));
}

#[tokio::test]
async fn an_override_asks_for_a_new_sign_in_after_five_minutes() {
    let signed_in_at = Some(sample::now() - jiff::SignedDuration::from_mins(6));
    let world = refused(FailureKind::NoRelationship, emergency_offer());
    let page = get_as(&world, "ed-clinician", &record()).await.text;
    assert!(page.contains("/override\"") && !page.contains("Sign in again first"));
    let older = World { signed_in_at, failure: Mutex::new(Some(FailureKind::NoRelationship)), ..World::default() };
    let page = get_as(&Arc::new(World { offer: emergency_offer(), ..older }), "ed-clinician", &record()).await.text;
    assert!(
        page.contains(&format!("href=\"/sign-in?return={}&amp;again=1\"", record())),
        "and comes back to this page"
    );
    assert!(!page.contains("/override\""));
}

#[tokio::test]
async fn a_claim_opens_the_record() {
    let world = refused(FailureKind::NoRelationship, offer());
    let path = format!("{}/claim", record());
    let fields = "reason=covering&permission=cannot-be-asked&text=Dr+Khan+is+away";
    assert!(leads_to(&post_as(&world, "community-nurse", &path, fields).await, &record()));
    let made = world.claims_made.lock().unwrap().pop().unwrap();
    assert_eq!(made, (FREDRICA, "covering".into(), Some("Dr Khan is away".into())));
    assert_eq!(get_as(&world, "community-nurse", &record()).await.status, StatusCode::OK);
    assert!(leads_to(&get_as(&world, "community-nurse", &path).await, &record()), "the address of the form is no page");
}

#[tokio::test]
async fn a_claim_that_is_not_complete_comes_back_with_its_problems() {
    let world = refused(FailureKind::NoRelationship, offer());
    let page =
        post_as(&world, "community-nurse", &format!("{}/claim", record()), "reason=covering&text=my+words").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_well_formed("claim", &page.text);
    assert!(page.text.contains("autofocus") && page.text.contains("<a href=\"#claim-permission\">"));
    assert!(page.text.contains("value=\"covering\" checked") && page.text.contains(">my words</textarea>"));
    assert!(world.claims_made.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_override_needs_a_reason_and_words_and_opens_the_record() {
    let world = refused(FailureKind::NoRelationship, emergency_offer());
    let path = format!("{}/override", record());
    let page = post_as(&world, "ed-clinician", &path, "reason=life-threatening&text=short").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("<a href=\"#override-text\">Say in at least 10 characters"));
    let whole = "reason=life-threatening&text=Unconscious%2C+no+history";
    assert!(leads_to(&post_as(&world, "ed-clinician", &path, whole).await, &record()));
    assert_eq!(world.claims_made.lock().unwrap().pop().unwrap().1, "life-threatening");
}

#[tokio::test]
async fn what_consent_answers_to_a_claim_is_told() {
    let whole = "reason=covering&permission=given";
    for (kind, status, words) in [
        (FailureKind::Conflict, 400, "Sign in again before you override."),
        (FailureKind::Forbidden, 400, "Not for this role."),
        (FailureKind::TooManyRequests, 400, "You have said that you are involved too often today."),
        (FailureKind::NoRelationship, 400, "The record does not open this way."),
        (FailureKind::Unavailable, 503, "because we can&#39;t record who looks at them"),
    ] {
        let claim_failure = Some((kind, if status == 503 { "No answer." } else { words }));
        let failure = Mutex::new(Some(FailureKind::NoRelationship));
        let world = Arc::new(World { failure, offer: offer(), claim_failure, ..World::default() });
        let page = post_as(&world, "gp", &format!("{}/claim", record()), whole).await;
        assert_eq!(page.status.as_u16(), status, "{kind:?}");
        assert!(page.text.contains(words), "{kind:?}");
    }
}
