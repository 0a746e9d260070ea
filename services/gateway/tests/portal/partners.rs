//! The pages of partners: registration, steps, agreement, systems and their switch-on, the public register, a request for
//! access (S-68 to S-70, S-83, Q-14, Q-17).

mod forms;
mod moves;
mod public;

use std::sync::Arc;

use axum::http::{StatusCode, header};
use lcr_contracts::{
    FailureKind,
    partners::{PartnerChange, organisation::OrganisationChange, people::PeopleChange},
};

use crate::{
    browser::{Answer, get_as, post_as, visible_text},
    fakes::World,
    pages::assert_well_formed,
};

const PAGE: &str = "/partners/B86000";

/// The pages of an organisation, below its own.
const BELOW: [&str; 13] = [
    "",
    "/details",
    "/schedule",
    "/agreement",
    "/systems",
    "/systems/new",
    "/systems/beckside",
    "/clients",
    "/sign-in",
    "/people",
    "/sessions",
    "/adoption",
    "/notices",
];

#[tokio::test]
async fn every_page_of_an_organisation_is_well_formed() {
    for part in BELOW {
        let path = format!("{PAGE}{part}");
        let page = get_as(&Arc::default(), "org-admin", &path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_well_formed(&path, &page.text);
        assert_eq!(get_as(&Arc::default(), "gp", &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(get_as(&Arc::default(), "org-admin", "/partners/x%21").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get_as(&Arc::default(), "org-admin", "/partners/RR8XX").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_administrator_goes_to_their_own_organisation_and_the_platforms_sees_all() {
    let own = get_as(&Arc::default(), "org-admin", "/partners").await;
    assert_eq!((own.status, own.header(header::LOCATION)), (StatusCode::SEE_OTHER, PAGE));
    let all = get_as(&Arc::default(), "platform-admin", "/partners").await;
    assert_well_formed("/partners", &all.text);
    assert!(visible_text(&all.text).contains("St Hilda's Hospitals ODS code RR8XX State Connecting"), "{}", all.text);
    assert_eq!(get_as(&Arc::default(), "gp", "/partners").await.status, StatusCode::FORBIDDEN);
    for role in ["org-admin", "platform-admin"] {
        assert!(get_as(&Arc::default(), role, "/sources").await.text.contains("href=\"/partners\""), "{role}");
    }
}

#[tokio::test]
async fn an_unregistered_organisation_is_registered_with_the_code_of_the_sign_in() {
    let world = Arc::new(World { unregistered: true, ..World::default() });
    let page = get_as(&world, "org-admin", "/partners").await;
    assert_well_formed("/partners", &page.text);
    assert!(visible_text(&page.text).contains("ODS code, from your sign-in B86000"));
    let missing = post_as(&world, "org-admin", "/partners/register", "act=register&name=+&kind=gp-practice").await;
    assert_refused(&missing, "Enter the name of your organisation.");
    assert!(world.partner_changes.lock().unwrap().is_empty());
    let fields = "act=register&name=Beckside+Surgery&kind=gp-practice&sites=B86001+Branch&contact=Sam";
    let answer = post_as(&world, "org-admin", "/partners/register", fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let changes = world.partner_changes.lock().unwrap();
    let PartnerChange::Organisation(OrganisationChange::Register(details)) = &changes[0].change else {
        panic!("{:?}", changes[0])
    };
    assert_eq!((changes[0].organisation.as_str(), details.sites[0].name.as_str()), ("B86000", "Branch"));
}

#[tokio::test]
async fn the_steps_say_what_is_left_to_do_and_lead_there() {
    let page = get_as(&Arc::default(), "org-admin", PAGE).await.text;
    let text = visible_text(&page);
    assert!(text.contains("Sign the agreement The Caldicott guardian has not signed. To do"), "{text}");
    assert!(text.contains("Go live Sign the agreement first. Cannot start yet"), "{text}");
    assert!(
        page.contains("href=\"/partners/B86000/agreement\"")
            && page.contains("Registered the organisation &#60;b&#62;")
    );
    let world = Arc::new(World {
        partner_failure: Some((FailureKind::Conflict, "The agreement is not signed by all three.")),
        ..World::default()
    });
    let refused = post_as(&world, "org-admin", PAGE, "act=to-live&reason=ready").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("<title>Error: Steps to live data") && refused.text.contains("value=\"ready\""));
    assert!(visible_text(&refused.text).contains("The agreement is not signed by all three."));
}

#[tokio::test]
async fn the_report_of_a_check_says_what_failed_and_what_to_do() {
    let world: Arc<World> = Arc::default();
    let path = format!("{PAGE}/systems/beckside");
    let text = visible_text(&get_as(&world, "org-admin", &path).await.text);
    for expected in
        ["Authentication", "Failed", "It answered 401. Set credentials that it accepts.", "UK Core: Medications"]
    {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let answer = post_as(&world, "org-admin", &path, "act=check").await;
    assert_eq!(answer.header(header::LOCATION), format!("{path}?done=1"));
    assert_eq!(get_as(&world, "org-admin", &format!("{PAGE}/systems/other")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_reader_ends_one_of_their_own_sessions() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "gp", "/sessions").await.text;
    assert_well_formed("/sessions", &page);
    assert!(visible_text(&page).contains("This session"));
    let row = "00000000-0000-0000-0000-000000000007";
    let answer = post_as(&world, "gp", "/sessions", &format!("act=end-session&row={row}")).await;
    assert_eq!(answer.header(header::LOCATION), "/sessions?done=1");
    let change = world.partner_changes.lock().unwrap()[0].change.clone();
    assert!(
        matches!(change, PartnerChange::People(PeopleChange::EndSession { session }) if session.to_string() == row)
    );
    assert_refused(&post_as(&world, "gp", "/sessions", "act=end-session&row=x").await, "Choose the session to end.");
}

#[tokio::test]
async fn a_reader_without_the_right_sees_no_form_and_reads_who_may_change_it() {
    let forms = |page: &str| page.matches("<form").count();
    for part in BELOW {
        let path = format!("{PAGE}{part}");
        let page = get_as(&Arc::default(), "practice-manager", &path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_well_formed(&path, &page.text);
        // The reader signs out on every page, and ends their own session.
        let own = if part == "/sessions" { 2 } else { 1 };
        assert_eq!(forms(&page.text), own, "{path}");
        let says_who = page.text.contains("An administrator of Beckside Surgery can change what is on it.");
        assert_eq!(says_who, !["/sessions", "/adoption"].contains(&part), "{path}");
        let full = get_as(&Arc::default(), "org-admin", &path).await.text;
        assert!(!full.contains("An administrator of Beckside Surgery can change"), "{path}");
    }
    let details = visible_text(&get_as(&Arc::default(), "practice-manager", &format!("{PAGE}/details")).await.text);
    assert!(details.contains("Kind of organisation GP practice"), "{details}");
    let schedule = visible_text(&get_as(&Arc::default(), "practice-manager", &format!("{PAGE}/schedule")).await.text);
    assert!(schedule.contains("Gives Medications Receives nothing"), "{schedule}");
}

#[tokio::test]
async fn the_platforms_administrator_sees_the_forms_that_are_theirs() {
    let people = get_as(&Arc::default(), "platform-admin", &format!("{PAGE}/people")).await.text;
    assert_well_formed("people", &people);
    assert!(people.contains("id=\"end-access-p1\"") && !people.contains("id=\"grant-r1\""));
    assert!(!people.contains("id=\"put-person\"") && people.contains("for an administrator of Beckside Surgery alone"));
    let system = get_as(&Arc::default(), "platform-admin", &format!("{PAGE}/systems/beckside")).await.text;
    assert!(system.contains("name=\"act\" value=\"check\"") && !system.contains("id=\"switch-medications\""));
}

#[tokio::test]
async fn pages_say_whose_people_and_systems_they_show() {
    for (part, heading) in [
        ("people", "People of Beckside Surgery"),
        ("systems", "Systems of Beckside Surgery"),
        ("clients", "Clients of"),
    ] {
        let page = get_as(&Arc::default(), "org-admin", &format!("{PAGE}/{part}")).await.text;
        assert!(page.contains(&format!("<h1 class=\"nhsuk-heading-l\">{heading}")), "{part}");
    }
}

fn assert_refused(answer: &Answer, text: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{text}");
    assert_well_formed(text, &answer.text);
    assert!(answer.text.contains("<title>Error: ") && answer.text.contains("nhsuk-error-summary"), "{text}");
    assert!(visible_text(&answer.text).contains(text), "{text}");
}
