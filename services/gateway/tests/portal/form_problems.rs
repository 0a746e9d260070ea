//! Every form that comes back with a problem says "Error: " first in its title, so that a screen reader reads it first.

use std::sync::Arc;

use axum::http::StatusCode;
use lcr_contracts::{FailureKind, claims::ClaimOffer};
use lcr_model::*;

use crate::{
    browser::{Answer, get_as, post_as},
    claims::{CLAIM, queue, refused},
    fake_consent::CHOICE,
    fakes::World,
    pages::assert_well_formed,
    sample::FREDRICA,
};

fn assert_problem(path: &str, answer: &Answer) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    assert!(answer.text.contains("<title>Error: "), "{path}");
    assert_well_formed(path, &answer.text);
}

#[tokio::test]
async fn every_form_that_comes_back_says_error_first_in_its_title() {
    let world: Arc<World> = Arc::default();
    let choices = format!("/people/{FREDRICA}/choices");
    post_as(&world, "gp", &choices, "direction=whole").await;
    let cases = [
        ("gp", "/search".to_owned(), "q=+"),
        ("gp", choices.clone(), "direction=into"),
        ("gp", format!("{choices}/confirm"), "direction=into"),
        ("privacy-officer", format!("{choices}/{CHOICE}/review"), "reason=heard"),
        ("patient", "/my-record/choices/confirm".to_owned(), "direction=into"),
        ("data-steward", format!("/reviews/{}", uuid::Uuid::from_u128(7)), "decision="),
        ("privacy-officer", "/privacy/incidents".to_owned(), "act=open&title="),
        ("gp", "/sessions".to_owned(), "act=end-session&row=x"),
    ];
    for (role, path, fields) in cases {
        assert_problem(&path, &post_as(&world, role, &path, fields).await);
    }
}

#[tokio::test]
async fn every_form_of_a_partner_that_comes_back_says_error_first_in_its_title() {
    let forms = [
        ("", "act=x"),
        ("/details", "act=describe&name="),
        ("/agreement", "act=sign&row=siro"),
        ("/systems/new", "act=new-system&id="),
        ("/systems/beckside", "act=x"),
        ("/clients", "act=x"),
        ("/sign-in", "act=x"),
        ("/people", "act=x"),
        ("/sessions", "act=end-session&row=x"),
        ("/notices", "act=x"),
    ];
    for (part, fields) in forms {
        let path = format!("/partners/B86000{part}");
        assert_problem(&path, &post_as(&Arc::default(), "org-admin", &path, fields).await);
    }
}

#[tokio::test]
async fn the_forms_of_claims_say_error_first_in_their_titles() {
    let offer = ClaimOffer {
        claim_with: vec![Permission::Given],
        override_for: vec![OverrideReason::LifeThreatening],
        ..ClaimOffer::default()
    };
    let closed = refused(FailureKind::NoRelationship, offer.clone());
    let open = Arc::new(World { may_override: true, withholds: true, offer, ..World::default() });
    for (world, form) in [(&closed, "claim"), (&closed, "override"), (&open, "override")] {
        let path = format!("/people/{FREDRICA}/{form}");
        assert_problem(&path, &post_as(world, "paramedic", &path, "reason=&text=short").await);
    }
    let officer = Arc::new(World { claim_list: queue(), ..World::default() });
    let path = format!("/privacy/claims/{CLAIM}");
    assert_problem(&path, &post_as(&officer, "privacy-officer", &path, "outcome=&text=").await);
}

#[tokio::test]
async fn a_form_without_a_problem_has_its_plain_title() {
    for (role, path) in [("gp", "/search"), ("privacy-officer", "/privacy/claims"), ("nobody", "/sign-in")] {
        assert!(!get_as(&Arc::default(), role, path).await.text.contains("<title>Error: "), "{path}");
    }
    let unknown = get_as(&Arc::default(), "nobody", "/sign-in?unknown=1").await.text;
    assert!(unknown.contains("<title>Error: Sign in"), "the e-mail domain is not registered");
}
