//! Tests of a person's own choices, and of a sign-in that is not linked to anybody.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use lcr_contracts::choices::ChoiceStatus;

use crate::{
    browser::{get_as, post_as, visible_text},
    fake_consent::CHOICE,
    fakes::World,
    pages::assert_well_formed,
};

#[tokio::test]
async fn a_person_objects_with_one_button_and_changes_their_mind_with_one() {
    let world: Arc<World> = Arc::default();
    let text = visible_text(&get_as(&world, "patient", "/my-record/choices").await.text);
    for expected in [
        "You have made no objection. Your information is shared with the people who care for you.",
        "Nobody can see your information in the Leeds Care Record. This is also so in an emergency.",
        "what they know is not shown to others, and they are not shown what others know",
        "You can change your mind on this page at any time.",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let confirm = post_as(&world, "patient", "/my-record/choices/confirm", "direction=whole").await;
    assert_well_formed("own confirm", &confirm.text);
    assert!(confirm.text.contains("Yes, I object") && confirm.text.contains("No, go back and change nothing"));
    let made = post_as(&world, "patient", "/my-record/choices", "direction=whole").await;
    let to = made.header(header::LOCATION).to_owned();
    assert_eq!(to, format!("/my-record/choices/{CHOICE}"));
    let receipt = visible_text(&get_as(&world, "patient", &to).await.text);
    assert!(receipt.contains("Number LCR-ABCD-2345") && receipt.contains("From 21 November 2026 at 2:05pm, nobody"));
    let receipts = visible_text(&get_as(&world, "patient", "/my-record/receipts").await.text);
    assert!(receipts.contains("Receipt LCR-ABCD-2345") && receipts.contains("Objection to all sharing"));
    let page = get_as(&world, "patient", "/my-record/choices").await.text;
    assert!(page.contains("Change my mind") && !page.contains("Object to sharing</button>"));
    post_as(&world, "patient", &format!("{to}/withdraw"), "sure=yes").await;
    assert_eq!(world.choices.lock().unwrap()[0].status, ChoiceStatus::Withdrawn);
}

#[tokio::test]
async fn an_unlinked_sign_in_gets_an_explanation() {
    let world = Arc::new(World { unlinked: true, ..World::default() });
    for path in ["/my-record/choices", "/my-record/receipts"] {
        let page = get_as(&world, "patient", path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("We have not linked your sign-in to your record here yet."), "{path}");
        assert!(page.text.contains("tell your GP practice"), "{path}");
    }
    let made = post_as(&world, "patient", "/my-record/choices", "direction=whole").await;
    assert!(made.text.contains("We have not linked your sign-in") && world.choices.lock().unwrap().is_empty());
    let proxy = get_as(&Arc::default(), "proxy-parent", "/my-record/choices").await.text;
    assert!(proxy.contains("You are signed in for somebody else."));
}
