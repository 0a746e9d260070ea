//! The error pages: status and text of each failure.

use std::sync::{Arc, Mutex};

use lcr_contracts::FailureKind;

use crate::{
    browser::{get, get_as, get_from, post_as, post_to},
    fakes::World,
    sample::*,
};

#[tokio::test]
async fn each_failure_has_its_status_and_text() {
    let cases = [
        (FailureKind::CannotRecord, 503, "because we can&#39;t record who looks at them. Nothing is lost."),
        (FailureKind::NoRelationship, 403, "We have no record that you are caring for this person."),
        (FailureKind::Objected, 403, "This person has objected to sharing. No information is shown."),
        (FailureKind::CatchingUp, 503, "Try again in a few seconds."),
        (FailureKind::Forbidden, 403, "Said outwardly."),
        (FailureKind::NotFound, 404, "No one matches. Check the NHS number, or search by name and date of birth."),
        (FailureKind::Internal, 500, "Nothing is lost."),
    ];
    for (kind, status, words) in cases {
        for part in ["", "?whole=1", "/medications", "/timeline", "/documents/doc-1"] {
            let world = Arc::new(World { failure: Mutex::new(Some(kind)), ..World::default() });
            let answer = get_as(&world, "gp", &format!("/people/{FREDRICA}{part}")).await;
            assert_eq!(answer.status.as_u16(), status, "{kind:?} {part}");
            assert!(answer.text.contains(words), "{kind:?} {part}: {words}");
            assert!(!answer.text.contains("inward"), "{kind:?} {part}");
            assert!(!answer.text.contains("SMITH"), "{kind:?} {part}: nobody is named who was not searched for");
        }
    }
}

#[tokio::test]
async fn an_unknown_page_is_not_an_unknown_person() {
    let answer = get(&format!("/people/{UNKNOWN_PERSON}")).await;
    assert_eq!(answer.status.as_u16(), 404);
    assert!(answer.text.contains("No one matches."));
    for path in ["/nowhere".into(), "/people/not-an-id".into(), format!("/people/{FREDRICA}/no-such-part")] {
        let nowhere = get(&path).await;
        assert_eq!(nowhere.status.as_u16(), 404, "{path}");
        assert!(nowhere.text.contains("This page does not exist."), "{path}: not the text of an unknown person");
        assert!(!nowhere.text.contains("No one matches"), "{path}");
    }
    let answer = get(&format!("/people/{FREDRICA}/referrals")).await;
    assert_eq!(answer.status.as_u16(), 403, "a dataset outside the reader's record");
    assert!(answer.text.contains("This does not mean there are none."));
}

#[tokio::test]
async fn an_unreadable_address_gives_a_page_that_does_not_repeat_it() {
    for path in
        ["/people/%ff".into(), "/search?r=1&r=SMITHSON".into(), format!("/people/{FREDRICA}?whole=1&whole=SMITHSON")]
    {
        let answer = get(&path).await;
        assert_eq!(answer.status.as_u16(), 400, "{path}");
        assert!(answer.text.contains("The address of this page could not be read."), "{path}: {}", answer.text);
        assert!(!answer.text.contains("SMITHSON") && !answer.text.contains("%ff"), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_gives_a_page_and_an_allow_header() {
    let answer = post_as(&Arc::default(), "gp", "/home", "").await;
    assert_eq!(answer.status.as_u16(), 405);
    assert_eq!(answer.headers["allow"], "GET,HEAD");
    assert!(answer.text.contains("This page does not take what was sent to it."), "{}", answer.text);
}

#[tokio::test]
async fn the_patient_pages_work_without_audit() {
    let world = Arc::new(World { failure: Mutex::new(Some(FailureKind::Unavailable)), ..World::default() });
    let answer = get_as(&world, "patient", "/my-record").await;
    assert_eq!(answer.status.as_u16(), 200);
    assert!(answer.text.contains("This list cannot be shown here right now."));
    for path in ["/my-record/sharing", "/home"] {
        let role = if path == "/home" { "gp" } else { "patient" };
        assert_eq!(get_as(&world, role, path).await.status.as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn nothing_is_shown_while_views_cannot_be_recorded() {
    let words = "because we can&#39;t record who looks at them. Nothing is lost.";
    let world_with = |kind| Arc::new(World { failure: Mutex::new(Some(kind)), ..World::default() });
    for path in ["/ward", "/ward/discharged", "/ward?ward=J27"] {
        let answer = get_as(&world_with(FailureKind::CannotRecord), "gp", path).await;
        assert_eq!(answer.status.as_u16(), 503, "{path}");
        assert!(answer.text.contains(words) && !answer.text.contains("SMITH"), "{path}");
    }
    // Pages that ask audit or consent directly treat an unavailable service the same way.
    for kind in [FailureKind::CannotRecord, FailureKind::Unavailable, FailureKind::Timeout] {
        for (role, path) in [
            ("gp", format!("/people/{FREDRICA}/choices")),
            ("patient", "/my-record/choices".into()),
            ("patient", "/my-record/receipts".into()),
            ("privacy-officer", format!("/people/{FREDRICA}/access")),
            ("privacy-officer", "/privacy?outcome=refused".into()),
        ] {
            let answer = get_as(&world_with(kind), role, &path).await;
            assert_eq!(answer.status.as_u16(), 503, "{kind:?} {path}");
            assert!(answer.text.contains(words), "{kind:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_refusal_says_how_a_record_opens_and_whom_to_call() {
    let world = Arc::new(World { failure: Mutex::new(Some(FailureKind::NoRelationship)), ..World::default() });
    let path = format!("/people/{FREDRICA}?whole=1");
    for (role, words, ward) in [
        ("gp", "call the practice they are registered with", false),
        ("consultant", "At a hospital a record opens during a stay", true),
        ("paramedic", "It opens once your organisation has recorded", false),
    ] {
        let text = get_as(&world, role, &path).await.text;
        assert!(text.contains(words) && !text.contains("SMITH"), "{role}");
        assert_eq!(text.contains("See who is in your hospital"), ward, "{role}");
    }
}

#[tokio::test]
async fn a_refusal_names_a_person_whom_the_readers_last_search_named() {
    for (kind, person, named) in [
        (FailureKind::NoRelationship, FREDRICA, true),
        (FailureKind::NoRelationship, PROTECTED, false),
        (FailureKind::Objected, FREDRICA, false),
        (FailureKind::Forbidden, FREDRICA, false),
    ] {
        let world: Arc<World> = Arc::default();
        let router = world.router();
        post_to(&router, "gp", "/search", "q=Smith+1945").await;
        *world.failure.lock().unwrap() = Some(kind);
        let text = get_from(&router, "gp", &format!("/people/{person}?whole=1")).await.text;
        assert_eq!(text.contains("SMITH, Fredrica (Mrs), born 14-Jul-1945"), named, "{kind:?}: {text}");
        assert!(named || !text.contains("born "), "{kind:?} {person}: nobody is named");
        assert!(!text.contains("943 476"), "{kind:?}: no number");
    }
}

#[tokio::test]
async fn a_refused_person_leaves_the_recent_people_of_the_home_page() {
    let world: Arc<World> = Arc::default();
    let router = world.router();
    let path = format!("/people/{FREDRICA}?whole=1");
    get_from(&router, "gp", &path).await;
    assert!(get_from(&router, "gp", "/home").await.text.contains("SMITH, Fredrica"));
    for (kind, listed) in [(FailureKind::Unavailable, true), (FailureKind::Objected, false)] {
        *world.failure.lock().unwrap() = Some(kind);
        get_from(&router, "gp", &path).await;
        *world.failure.lock().unwrap() = None;
        assert_eq!(get_from(&router, "gp", "/home").await.text.contains("SMITH, Fredrica"), listed, "{kind:?}");
    }
}

#[tokio::test]
async fn an_objection_links_only_practice_staff_to_the_choices() {
    let world = Arc::new(World { failure: Mutex::new(Some(FailureKind::Objected)), ..World::default() });
    for part in ["", "?whole=1", "/medications", "/timeline", "/documents/doc-1"] {
        let path = format!("/people/{FREDRICA}{part}");
        let choices = format!("href=\"/people/{FREDRICA}/choices\"");
        assert!(get_as(&world, "receptionist", &path).await.text.contains(&choices), "{part}");
        assert!(!get_as(&world, "consultant", &path).await.text.contains(&choices), "{part}");
    }
}
