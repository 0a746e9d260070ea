//! What is said when something may not or cannot be shown.

use std::sync::{Arc, Mutex};

use lcr_contracts::Kind;

use crate::{
    browser::{get, get_as, post_as},
    fakes::World,
    sample::*,
};

#[tokio::test]
async fn each_failure_has_its_status_and_its_words() {
    let cases = [
        (Kind::CannotRecord, 503, "because we can&#39;t record who looks at them. Nothing is lost."),
        (Kind::NoRelationship, 403, "We have no record that you are caring for this person."),
        (Kind::Objected, 403, "This person has objected to sharing. No information is shown."),
        (Kind::CatchingUp, 503, "Try again in a few seconds."),
        (Kind::Forbidden, 403, "Said outwardly."),
        (Kind::NotFound, 404, "No one matches. Check the NHS number, or search by name and date of birth."),
        (Kind::Internal, 500, "Nothing is lost."),
    ];
    for (kind, status, words) in cases {
        for part in ["", "?whole=1", "/medications", "/timeline", "/documents/doc-1"] {
            let world = Arc::new(World { fails: Mutex::new(Some(kind)), ..World::default() });
            let answer = get_as(&world, "gp", &format!("/people/{FREDRICA}{part}")).await;
            assert_eq!(answer.status.as_u16(), status, "{kind:?} {part}");
            assert!(answer.text.contains(words), "{kind:?} {part}: {words}");
            assert!(!answer.text.contains("inward") && !answer.text.contains("SMITH"), "{kind:?} {part}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_the_same_way_everywhere() {
    for path in
        [format!("/people/{NOBODY}"), "/people/not-an-id".into(), format!("/people/{FREDRICA}/no-such-part")]
    {
        let answer = get(&path).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}");
        assert!(answer.text.contains("No one matches."), "{path}");
    }
    let nowhere = get("/nowhere").await;
    assert_eq!(nowhere.status.as_u16(), 404);
    assert!(nowhere.text.contains("There is no page at this address."), "nobody was looked for");
    let answer = get(&format!("/people/{FREDRICA}/referrals")).await;
    assert_eq!(answer.status.as_u16(), 403, "a dataset outside the reader's record");
    assert!(answer.text.contains("This does not mean there are none."));
}

#[tokio::test]
async fn an_address_that_cannot_be_read_ends_on_a_page_that_repeats_nothing_of_it() {
    for path in [
        "/people/%ff".into(),
        "/search?r=1&r=SMITHSON".into(),
        format!("/people/{FREDRICA}?whole=1&whole=SMITHSON"),
    ] {
        let answer = get(&path).await;
        assert_eq!(answer.status.as_u16(), 400, "{path}");
        assert!(
            answer.text.contains("The address of this page could not be read."),
            "{path}: {}",
            answer.text
        );
        assert!(!answer.text.contains("SMITHSON") && !answer.text.contains("%ff"), "{path}");
    }
}

#[tokio::test]
async fn what_a_page_does_not_take_ends_on_a_page_that_says_what_it_takes() {
    let answer = post_as(&Arc::default(), "gp", "/home", "").await;
    assert_eq!(answer.status.as_u16(), 405);
    assert_eq!(answer.headers["allow"], "GET,HEAD");
    assert!(answer.text.contains("This page does not take what was sent to it."), "{}", answer.text);
}

#[tokio::test]
async fn a_patients_page_stands_without_the_log() {
    let world = Arc::new(World { fails: Mutex::new(Some(Kind::Unavailable)), ..World::default() });
    let answer = get_as(&world, "patient", "/my-record").await;
    assert_eq!(answer.status.as_u16(), 200);
    assert!(answer.text.contains("This list cannot be shown here right now."));
    for path in ["/my-record/sharing", "/home"] {
        let role = if path == "/home" { "gp" } else { "patient" };
        assert_eq!(get_as(&world, role, path).await.status.as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn nothing_is_shown_anywhere_while_looks_cannot_be_recorded() {
    let words = "because we can&#39;t record who looks at them. Nothing is lost.";
    let fails = |kind| Arc::new(World { fails: Mutex::new(Some(kind)), ..World::default() });
    for path in ["/ward", "/ward/discharged", "/ward?ward=J27"] {
        let answer = get_as(&fails(Kind::CannotRecord), "gp", path).await;
        assert_eq!(answer.status.as_u16(), 503, "{path}");
        assert!(answer.text.contains(words) && !answer.text.contains("SMITH"), "{path}");
    }
    // Where the log or consent itself is asked, its silence is the same thing.
    for kind in [Kind::CannotRecord, Kind::Unavailable, Kind::Timeout] {
        for (role, path) in [
            ("gp", format!("/people/{FREDRICA}/choices")),
            ("patient", "/my-record/choices".into()),
            ("patient", "/my-record/receipts".into()),
            ("privacy-officer", format!("/people/{FREDRICA}/access")),
            ("privacy-officer", "/privacy?outcome=refused".into()),
        ] {
            let answer = get_as(&fails(kind), role, &path).await;
            assert_eq!(answer.status.as_u16(), 503, "{kind:?} {path}");
            assert!(answer.text.contains(words), "{kind:?} {path}");
        }
    }
}

#[tokio::test]
async fn an_objection_leads_the_practice_to_the_choices_and_nobody_else() {
    let world = Arc::new(World { fails: Mutex::new(Some(Kind::Objected)), ..World::default() });
    for part in ["", "?whole=1", "/medications", "/timeline", "/documents/doc-1"] {
        let path = format!("/people/{FREDRICA}{part}");
        let choices = format!("href=\"/people/{FREDRICA}/choices\"");
        assert!(get_as(&world, "receptionist", &path).await.text.contains(&choices), "{part}");
        assert!(!get_as(&world, "consultant", &path).await.text.contains(&choices), "{part}");
    }
}
