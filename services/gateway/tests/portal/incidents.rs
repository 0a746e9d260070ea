//! The pages of incidents: what an officer reads of one, and what the forms send.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use lcr_contracts::FailureKind;

use crate::{
    browser::{get_as, post_as, visible_text},
    fake_audit::INCIDENT,
    fakes::World,
    sample::FREDRICA,
};

const LIST: &str = "/privacy/incidents";
const OFFICER: &str = "privacy-officer";

fn page() -> String {
    format!("{LIST}/{INCIDENT}")
}

fn new_incident(title: &str, from: &str) -> String {
    format!("act=open&person={FREDRICA}&user=gp&title={title}&note=&from={from}&until=2026-11-20+00%3A00")
}

#[tokio::test]
async fn the_log_leads_to_the_incidents_and_to_a_new_one_about_a_person() {
    let world: Arc<World> = Arc::default();
    let log = get_as(&world, OFFICER, "/privacy").await.text;
    assert!(log.contains("href=\"/privacy/incidents\""));
    let access = get_as(&world, OFFICER, &format!("/people/{FREDRICA}/access")).await.text;
    assert!(access.contains(&format!("href=\"/privacy/incidents?person={FREDRICA}\"")));
    let list = get_as(&world, OFFICER, LIST).await.text;
    assert!(list.contains("Looks without a reason") && list.contains(&page()));
    assert!(!list.contains("name=\"title\"") && list.contains("href=\"/search\""), "a person is chosen by search");
    let form = get_as(&world, OFFICER, &format!("{LIST}?person={FREDRICA}")).await.text;
    assert!(form.contains("name=\"title\"") && !form.contains("SMITH"));
}

#[tokio::test]
async fn an_incident_is_opened_with_its_period_in_london_time() {
    let world: Arc<World> = Arc::default();
    let answer = post_as(&world, OFFICER, LIST, &new_incident("Looks", "2026-07-01+09%3A00")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(answer.header(header::LOCATION), format!("{}?done=1", page()));
    let acts = world.incident_acts.lock().unwrap();
    assert_eq!(*acts, ["open Looks gp 2026-07-01T08:00:00Z 2026-11-20T00:00:00Z"]);
}

#[tokio::test]
async fn a_form_that_cannot_be_read_comes_back_with_what_is_wrong() {
    let world: Arc<World> = Arc::default();
    for (from, words) in [("", "From is missing: enter a day and a time."), ("yesterday", "From could not be read")] {
        let answer = post_as(&world, OFFICER, LIST, &new_incident("Kept", from)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{from}");
        assert!(answer.text.contains("<title>Error: Incidents") && answer.text.contains(words), "{}", answer.text);
        assert!(answer.text.contains("value=\"Kept\""), "what was typed is kept");
    }
    assert!(world.incident_acts.lock().unwrap().is_empty());
    let problem = Some((FailureKind::BadRequest, "The period may be at most 366 days long."));
    let world = Arc::new(World { incident_failure: problem, ..World::default() });
    let answer = post_as(&world, OFFICER, LIST, &new_incident("Kept", "2026-11-01+00%3A00")).await;
    assert!(answer.status == StatusCode::BAD_REQUEST && answer.text.contains("at most 366 days"), "{}", answer.text);
}

#[tokio::test]
async fn an_incident_shows_its_log_and_names_the_person_only_if_asked() {
    let world: Arc<World> = Arc::default();
    let shown = get_as(&world, OFFICER, &page()).await.text;
    let text = visible_text(&shown);
    assert!(text.contains("Looks without a reason") && text.contains("Reported by a colleague."), "{text}");
    assert!(text.contains("Opened a record") && text.contains("no caring relationship on record"), "{text}");
    assert!(!shown.contains("SMITH"));
    assert_eq!(world.log_queries.lock().unwrap().len(), 1, "the log is read once");
    let named = get_as(&world, OFFICER, &format!("{}?names=yes", page())).await.text;
    assert!(named.contains("SMITH, Fredrica, 14-Jul-1945"));
}

#[tokio::test]
async fn a_closed_incident_shows_nothing_of_the_log_and_has_no_form() {
    let world = Arc::new(World { incident_closed: true, ..World::default() });
    let shown = get_as(&world, OFFICER, &page()).await.text;
    assert!(shown.contains("This incident is closed.") && !shown.contains("Opened a record"));
    assert!(!shown.contains("Share the incident") && !shown.contains("Close the incident"));
    assert!(world.log_queries.lock().unwrap().is_empty());
}

#[tokio::test]
async fn its_own_officers_share_it_end_the_share_and_close_it() {
    let world: Arc<World> = Arc::default();
    let shown = get_as(&world, OFFICER, &page()).await.text;
    assert!(shown.contains("Kirkgate Medical Practice (B86001)"), "an organisation is named with its ODS code");
    for (form, act) in [
        ("act=share&organisation=y90001", "share Y90001"),
        ("act=end-share&row=B86000", "end B86000"),
        ("act=close", "close"),
    ] {
        let answer = post_as(&world, OFFICER, &page(), form).await;
        assert_eq!(answer.header(header::LOCATION), format!("{}?done=1", page()), "{}", answer.text);
        assert_eq!(world.incident_acts.lock().unwrap().last().map(String::as_str), Some(act));
    }
    for form in ["act=share&organisation=", "act=burn"] {
        let answer = post_as(&world, OFFICER, &page(), form).await;
        assert!(answer.status == StatusCode::BAD_REQUEST, "{form}");
        assert!(answer.text.contains("<title>Error: Incident"), "{form}");
    }
}

#[tokio::test]
async fn only_officers_reach_incidents_and_an_unknown_one_is_no_page() {
    let world: Arc<World> = Arc::default();
    for role in ["gp", "patient", "data-steward", "org-admin"] {
        assert_eq!(get_as(&world, role, LIST).await.status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(get_as(&world, role, &page()).await.status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(post_as(&world, role, &page(), "act=close").await.status, StatusCode::FORBIDDEN, "{role}");
    }
    for unknown in ["0190a1b2-0000-7000-8000-000000000000", "nothing"] {
        let answer = get_as(&world, OFFICER, &format!("{LIST}/{unknown}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{unknown}");
    }
    assert!(world.incident_acts.lock().unwrap().is_empty());
}
