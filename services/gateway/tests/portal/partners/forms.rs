//! Tests of the forms of a partner: what was typed comes back, and no form may be taken without its token.

use std::{collections::BTreeSet, sync::Arc};

use axum::http::{StatusCode, header};
use lcr_contracts::{
    FailureKind,
    partners::{
        PartnerChange,
        organisation::{Duty, OrganisationChange},
        system::SystemChange,
    },
    registry::Stage,
};
use lcr_model::{Dataset, UserId};

use super::{PAGE, assert_refused};
use crate::{
    browser::{form, get_as, post_as, send},
    fake_partners::{SECRET, TEXT_HASH},
    fakes::{ORIGIN, World},
};

#[tokio::test]
async fn a_signature_carries_the_hash_of_the_text_that_was_shown() {
    let world: Arc<World> = Arc::default();
    let path = format!("{PAGE}/agreement");
    let page = get_as(&world, "org-admin", &path).await.text;
    assert!(page.contains(&format!("name=\"text_hash\" value=\"{TEXT_HASH}\"")) && page.contains("Direct care alone."));
    assert!(page.contains("id=\"sign-siro\"") && !page.contains("id=\"sign-caldicott-guardian\""));
    let unread = post_as(&world, "org-admin", &path, "act=sign&row=siro&text_hash=5f2b").await;
    assert_refused(&unread, "Read the documents, and tick that you have read them and sign.");
    let signed = post_as(&world, "org-admin", &path, "act=sign&row=siro&text_hash=5f2b&read=on").await;
    assert_eq!(signed.header(header::LOCATION), format!("{path}?done=1"));
    let change = world.partner_changes.lock().unwrap()[0].change.clone();
    let text_hash = TEXT_HASH.to_owned();
    assert_eq!(change, PartnerChange::Organisation(OrganisationChange::Sign { duty: Duty::Siro, text_hash }));
}

#[tokio::test]
async fn a_step_without_a_sign_off_comes_back_with_what_was_typed() {
    let text = "Say who has signed this step off.";
    let world = Arc::new(World { partner_failure: Some((FailureKind::BadRequest, text)), ..World::default() });
    let path = format!("{PAGE}/systems/beckside");
    let fields = "act=switch&row=medications&dataset=medications&stage=on&signed_off_by=&user_view=They+like+it";
    let answer = post_as(&world, "org-admin", &path, fields).await;
    assert_refused(&answer, text);
    assert!(answer.text.contains("They like it</textarea>") && answer.text.contains("href=\"#switch-medications\""));
    let changes = world.partner_changes.lock().unwrap();
    let PartnerChange::System(SystemChange::Switch(step)) = &changes[0].change else { panic!("{:?}", changes[0]) };
    assert_eq!((step.rule.dataset, step.rule.stage), (Dataset::Medications, Stage::On));
}

#[tokio::test]
async fn safety_testers_are_chosen_by_name_and_those_of_others_by_id() {
    let (world, path) = (Arc::<World>::default(), format!("{PAGE}/systems/beckside"));
    let page = get_as(&world, "org-admin", &path).await.text;
    assert!(page.contains("name=\"tester-sam\"") && page.contains("Sam Reed (sam.reed@beckside.test)"), "{page}");
    assert!(!page.contains("Lee Ward ("), "whose access has ended is no tester");
    let fields = "act=testers&tester-sam=on&other_testers=user-9&pilots=RR8XX&signed_off_by=Jo";
    let saved = post_as(&world, "org-admin", &path, fields).await;
    assert_eq!(saved.header(header::LOCATION), format!("{path}?done=1"));
    let changes = world.partner_changes.lock().unwrap();
    let PartnerChange::System(SystemChange::SetTesters { testers, .. }) = &changes[0].change else {
        panic!("{:?}", changes[0])
    };
    let expected: BTreeSet<UserId> = ["sam", "user-9"].map(UserId::new).into();
    assert_eq!(*testers, expected);
}

#[tokio::test]
async fn a_password_is_never_filled_in_again_and_a_token_is_shown_once() {
    let failing = Some((FailureKind::BadRequest, "Not like this."));
    let world = Arc::new(World { partner_failure: failing, ..World::default() });
    let path = format!("{PAGE}/systems/beckside");
    let answer = post_as(&world, "org-admin", &path, "act=credentials-basic&user=lcr&password=hunter2").await;
    assert_refused(&answer, "Not like this.");
    assert!(answer.text.contains("value=\"lcr\"") && !answer.text.contains("hunter2"));
    let world: Arc<World> = Arc::default();
    let people = format!("{PAGE}/people");
    assert!(post_as(&world, "org-admin", &people, "act=scim-token").await.text.contains(SECRET));
    assert!(!get_as(&world, "org-admin", &people).await.text.contains(SECRET));
    let made =
        post_as(&world, "org-admin", &path, "act=make-key&token_url=https://a.test&client_id=lcr&algorithm=ES384");
    assert!(made.await.text.contains("&#34;kid&#34;: &#34;made&#34;"));
}

#[tokio::test]
async fn a_system_that_is_not_live_is_removed_with_a_reason() {
    let (world, path) = (Arc::<World>::default(), format!("{PAGE}/systems/beckside"));
    assert!(get_as(&world, "org-admin", &path).await.text.contains("id=\"remove-system\""));
    assert_refused(&post_as(&world, "org-admin", &path, "act=remove-system&reason=+").await, "Say why you remove");
    assert!(world.partner_changes.lock().unwrap().is_empty());
    let removed = post_as(&world, "org-admin", &path, "act=remove-system&reason=Replaced").await;
    assert_eq!(removed.header(header::LOCATION), format!("{PAGE}/systems?done=1"));
    let change = world.partner_changes.lock().unwrap()[0].clone();
    assert_eq!(change.reason, "Replaced");
    assert!(
        matches!(&change.change, PartnerChange::System(SystemChange::Remove { system }) if system.as_str() == "beckside")
    );
    let live = Arc::new(World { system_live: true, ..World::default() });
    assert!(!get_as(&live, "org-admin", &path).await.text.contains("id=\"remove-system\""), "a live system");
}

#[tokio::test]
async fn no_form_of_a_partner_is_taken_without_its_token() {
    let world: Arc<World> = Arc::default();
    for path in ["/partners/register", PAGE, "/partners/B86000/people", "/sessions"] {
        let answer = send(world.router(), form(path, ORIGIN, "act=scim-token")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(world.partner_changes.lock().unwrap().is_empty());
}
