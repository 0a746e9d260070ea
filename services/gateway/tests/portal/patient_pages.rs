//! The patient's own pages: who has looked, a question about a look, who shares what.

use std::sync::Arc;

use axum::http::StatusCode;

use crate::{
    browser::{get_as, visible_text},
    fakes::World,
};

#[tokio::test]
async fn who_has_looked_is_listed_by_day_in_plain_english() {
    let page = get_as(&Arc::default(), "patient", "/my-record").await;
    let text = visible_text(&page.text);
    for expected in [
        "21 November 2026 Dr Aisha Khan, a GP at Beckside Surgery, looked at your record: medicines, test results. 2:00pm",
        "2:00pm: Looked at your medicines and test results. Recorded link to you: your GP practice. Entry 3F2A-91BC",
        "You looked at your choices about sharing.",
        "20 November 2026 A mental health clinician at Beckside Surgery looked at your record: allergies.",
        "I don't recognise this",
        "This list may not show everything.",
        "Earlier looks",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert_eq!(page.text.matches("/my-record/looks/").count(), 2, "a patient's own look has no question link");
}

#[tokio::test]
async fn earlier_looks_are_a_link_away() {
    let page = get_as(&Arc::default(), "patient", "/my-record").await.text;
    let next = page.split("href=\"/my-record?before=").nth(1).unwrap().split('"').next().unwrap();
    let text = visible_text(&get_as(&Arc::default(), "patient", &format!("/my-record?before={next}")).await.text);
    assert!(text.contains(
        "Automatic check by Night reader for Beckside Surgery: it looked at your record: medicines, test results."
    ));
    assert!(text.contains("Back to the newest looks") && !text.contains("Earlier looks"));
}

#[tokio::test]
async fn an_unrecognised_look_leads_to_a_contact_and_a_number() {
    let page = get_as(&Arc::default(), "patient", "/my-record").await.text;
    let ask = page.split("href=\"/my-record/looks/").nth(1).unwrap().split('"').next().unwrap();
    let answer = get_as(&Arc::default(), "patient", &format!("/my-record/looks/{ask}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let text = visible_text(&answer.text);
    for expected in [
        "Dr Aisha Khan, a GP at Beckside Surgery, looked at your medicines and test results.",
        "Ask Beckside Surgery. Say that you are asking about entry number 3F2A-91BC in the Leeds Care Record.",
        "They must find out why somebody looked, and tell you.",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    for gone in ["/my-record/looks/x", "/my-record/looks/01900000-0000-7000-8000-0000000000ff"] {
        assert_eq!(get_as(&Arc::default(), "patient", gone).await.status, StatusCode::NOT_FOUND, "{gone}");
    }
}

#[tokio::test]
async fn no_page_promises_that_the_list_is_complete() {
    for path in ["/my-record", "/my-record?before=01900000-0000-7000-8000-0000000000ff"] {
        let text = visible_text(&get_as(&Arc::default(), "patient", path).await.text).to_lowercase();
        assert!(text.contains("may not show everything"));
        for promise in ["everyone who", "every person who", "complete list", "nobody else", "no one else"] {
            assert!(!text.contains(promise), "{promise}");
        }
    }
}

#[tokio::test]
async fn who_shares_what_names_no_discreet_service() {
    let text = visible_text(&get_as(&Arc::default(), "patient", "/my-record/sharing").await.text);
    assert!(text.contains("Beckside Surgery") && text.contains("Medicines and test results"));
    assert!(text.contains("Some services are never named, for anybody"));
    assert!(!text.contains("Canalside") && !text.to_lowercase().contains("sexual"));
}

#[tokio::test]
async fn no_page_names_a_discreet_service() {
    let world = Arc::default();
    for (role, path) in [
        ("gp", "/"),
        ("gp", "/sign-in"),
        ("gp", "/home"),
        ("gp", "/sources"),
        ("privacy-officer", "/privacy"),
        ("privacy-officer", "/home"),
        ("patient", "/my-record/sharing"),
        ("patient", "/my-record/choices"),
    ] {
        let text = get_as(&world, role, path).await.text;
        assert!(!text.contains("Canalside") && !text.contains("X01XX"), "{role} {path}");
    }
}

#[tokio::test]
async fn unlinked_patients_and_proxies_get_an_explanation() {
    let world = Arc::new(World { unlinked: true, ..World::default() });
    let text = get_as(&world, "patient", "/my-record").await.text;
    assert!(text.contains("still being linked") && text.contains("written down all the same"));
    let text = get_as(&Arc::default(), "proxy-parent", "/my-record").await.text;
    assert!(text.contains("You are signed in for somebody else.") && !text.contains("a GP at"));
}

#[tokio::test]
async fn patients_and_staff_have_menus_of_their_own() {
    let text = get_as(&Arc::default(), "patient", "/my-record").await.text;
    assert!(text.contains(">Who has looked</a>") && text.contains(">Your choices</a>") && !text.contains(">Ward</a>"));
    for (role, ward, log) in [("gp", true, false), ("privacy-officer", false, true), ("paramedic", false, false)] {
        let text = get_as(&Arc::default(), role, "/home").await.text;
        assert_eq!((text.contains(">Ward</a>"), text.contains(">Log</a>")), (ward, log), "{role}");
    }
}
