//! The choices pages for practice staff, officers and patients: three steps, a token on each, a receipt.

mod patient;

use std::sync::Arc;

use axum::http::{StatusCode, header};
use lcr_contracts::choices::ChoiceStatus;

use crate::{
    browser::{get_as, post, post_as, visible_text},
    fake_consent::CHOICE,
    fakes::World,
    pages::assert_well_formed,
    sample::FREDRICA,
};

fn choices_path() -> String {
    format!("/people/{FREDRICA}/choices")
}

#[tokio::test]
async fn the_practice_takes_an_objection_in_three_steps() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "receptionist", &choices_path()).await;
    assert!(page.text.contains("SMITH, Fredrica (Mrs)") && page.text.contains("No objection is on record."));
    let fields = "direction=into&organisation=RR8XX&reason=%3Cb%3Emy+own%3C%2Fb%3E";
    let page = post_as(&world, "receptionist", &format!("{}/confirm", choices_path()), fields).await;
    assert_well_formed("confirm", &page.text);
    let text = visible_text(&page.text);
    assert!(text.contains("Objection to St Hilda's Hospitals being shown anything"));
    assert!(
        text.contains("Stops: St Hilda's Hospitals is shown nothing about this person here, also in an emergency.")
    );
    assert!(text.contains("Continues: other organisations are shown this person's record as before"));
    assert!(page.text.contains("value=\"&#60;b&#62;my own&#60;/b&#62;\""), "what was typed goes along, escaped");
    assert!(world.choices.lock().unwrap().is_empty(), "nothing is made before it is confirmed");
    let made = post_as(&world, "receptionist", &choices_path(), fields).await;
    assert_eq!(made.header(header::LOCATION), format!("{}/{CHOICE}", choices_path()));
    let receipt = get_as(&world, "receptionist", &format!("{}/{CHOICE}", choices_path())).await;
    assert_well_formed("receipt", &receipt.text);
    let text = visible_text(&receipt.text);
    for expected in [
        "Number LCR-ABCD-2345",
        "In force, waiting for review.",
        "From 21-Nov-2026 14:05, nobody who opens this record is shown",
        "Made 21-Nov-2026",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(receipt.text.contains("data-print"));
}

#[tokio::test]
async fn an_incomplete_form_names_the_problem_and_keeps_the_input() {
    let world: Arc<World> = Arc::default();
    for step in [format!("{}/confirm", choices_path()), choices_path()] {
        let page = post_as(&world, "gp", &step, "direction=into&reason=because").await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{step}");
        assert!(page.text.contains("Choose the organisation.") && page.text.contains(">because</textarea>"));
        assert!(page.text.contains("value=\"into\" checked"));
    }
    assert!(world.choices.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_changes_without_the_token() {
    let world: Arc<World> = Arc::default();
    post_as(&world, "gp", &choices_path(), "direction=whole").await;
    let choice_path = format!("{}/{CHOICE}", choices_path());
    for path in [
        choices_path(),
        format!("{}/confirm", choices_path()),
        format!("{choice_path}/withdraw"),
        format!("{choice_path}/review"),
    ] {
        let answer = post(world.router(), &path, "form_token=wrong&direction=whole&sure=yes").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let choices = world.choices.lock().unwrap();
    assert!(choices.len() == 1 && choices[0].status == ChoiceStatus::Applied);
}

#[tokio::test]
async fn withdrawing_needs_a_confirmation() {
    let world: Arc<World> = Arc::default();
    post_as(&world, "gp", &choices_path(), "direction=whole").await;
    let page = get_as(&world, "gp", &choices_path()).await.text;
    assert!(
        page.contains("In force, waiting for review") && !page.contains("Make an objection"),
        "nothing wider to make"
    );
    let path = format!("{}/{CHOICE}/withdraw", choices_path());
    let confirmation = post_as(&world, "gp", &path, "").await;
    assert_eq!(confirmation.status, StatusCode::OK);
    assert!(visible_text(&confirmation.text).contains("the objection ends at once and sharing starts again"));
    assert_eq!(world.choices.lock().unwrap()[0].status, ChoiceStatus::Applied);
    let done = post_as(&world, "gp", &path, "sure=yes").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let receipt = get_as(&world, "gp", done.header(header::LOCATION)).await.text;
    assert!(visible_text(&receipt).contains("Not in force: withdrawn. This is so from 21-Nov-2026 14:30."));
    assert!(receipt.contains("LCR-ABCD-2345"), "the number stays the same");
}

#[tokio::test]
async fn an_officer_reviews_with_reasons_and_cannot_make_a_choice() {
    let world: Arc<World> = Arc::default();
    post_as(&world, "gp", &choices_path(), "direction=whole").await;
    let page = get_as(&world, "privacy-officer", &choices_path()).await.text;
    assert!(page.contains("Review this objection") && !page.contains("Withdraw this objection"));
    let path = format!("{}/{CHOICE}/review", choices_path());
    for (fields, expected) in [
        ("reason=heard", "Choose whether to uphold or to refuse the objection."),
        ("decision=refuse&reason=+", "A review gives its reasons in words."),
    ] {
        let answer = post_as(&world, "caldicott-guardian", &path, fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text.contains(expected));
    }
    let done = post_as(&world, "caldicott-guardian", &path, "decision=uphold&reason=Heard+and+agreed").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    let page = visible_text(&get_as(&world, "gp", &choices_path()).await.text);
    assert!(page.contains("In force, upheld on review.") && page.contains("Reasons given: Heard and agreed"));
}

#[tokio::test]
async fn other_roles_are_refused_and_see_nothing() {
    let world: Arc<World> = Arc::default();
    post_as(&world, "gp", &choices_path(), "direction=whole").await;
    for role in ["ward-nurse", "paramedic", "care-home"] {
        for path in [choices_path(), format!("{}/{CHOICE}", choices_path())] {
            let answer = get_as(&world, role, &path).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role} {path}");
            assert!(!answer.text.contains("SMITH") && !answer.text.contains("In force"), "{role} {path}");
        }
    }
    assert_eq!(get_as(&world, "ward-nurse", "/my-record/choices").await.status, StatusCode::FORBIDDEN);
    let gone = get_as(&world, "gp", &format!("{}/not-a-choice", choices_path())).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_record_page_links_practice_staff_to_the_choices() {
    let path = format!("/people/{FREDRICA}?whole=1");
    let link = format!("href=\"{}\"", choices_path());
    assert!(get_as(&Arc::default(), "gp", &path).await.text.contains(&link));
    assert!(!get_as(&Arc::default(), "consultant", &path).await.text.contains(&link));
}

#[tokio::test]
async fn staff_names_and_words_are_escaped() {
    let world: Arc<World> = Arc::default();
    post_as(&world, "gp", &choices_path(), "direction=whole").await;
    {
        let mut choices = world.choices.lock().unwrap();
        choices[0].made_by = "<script>alert(1)</script>".to_owned().into();
        choices[0].review = Some("\"><img src=x>".into());
    }
    for path in [choices_path(), format!("{}/{CHOICE}", choices_path())] {
        let text = get_as(&world, "gp", &path).await.text;
        assert_well_formed(&path, &text);
        assert!(!text.contains("<script>alert") && !text.contains("<img"), "{path}");
    }
}
