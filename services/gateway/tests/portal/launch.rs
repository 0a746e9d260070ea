//! Launches from a partner's system: the steps, the cookies, the pages of a refusal, and who may frame what.

mod framed;

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, header},
};

use crate::{
    browser::{Answer, get_as, send, visible_text},
    fake_launch::HOST_PAGE,
    fakes::{ORIGIN, World},
    sample::FREDRICA,
};

/// A form post as another site's page sends it.
async fn launch(world: &Arc<World>, fields: &str) -> Answer {
    let request = Request::post("/launch")
        .header(header::HOST, "localhost:8080")
        .header(header::ORIGIN, HOST_PAGE)
        .header("sec-fetch-site", "cross-site")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(world.router(), request.body(Body::from(fields.to_owned())).unwrap()).await
}

async fn get_with(world: &Arc<World>, path: &str, cookies: &str) -> Answer {
    let request = Request::get(path).header(header::HOST, "localhost:8080").header(header::COOKIE, cookies);
    send(world.router(), request.body(Body::empty()).unwrap()).await
}

fn set_cookies(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn a_launch_opens_the_person_without_a_prompt_and_ends_the_session_before() {
    let world = Arc::new(World::default());
    let accepted = launch(&world, "token=gp.9434765919.1945-07-14").await;
    assert_eq!((accepted.status.as_u16(), accepted.header(header::LOCATION)), (303, "/launch/open"));
    assert_eq!(set_cookies(&accepted).len(), 1);
    let ticket = set_cookies(&accepted)[0];
    assert!(ticket.starts_with("__Host-lcr-launch=") && ticket.contains("HttpOnly; SameSite=Lax; Secure"), "{ticket}");
    let ticket = ticket.split(';').next().unwrap();
    let opened = get_with(&world, "/launch/open", &format!("__Host-lcr=earlier-gp; {ticket}")).await;
    let person = format!("/people/{FREDRICA}");
    assert_eq!((opened.status.as_u16(), opened.header(header::LOCATION)), (303, person.as_str()), "{}", opened.text);
    let cookies = set_cookies(&opened);
    assert_eq!(cookies[0], "__Host-lcr=gp; HttpOnly; SameSite=Lax; Secure; Path=/");
    assert!(cookies[1].starts_with("__Host-lcr-launch=;") && cookies[1].ends_with("Max-Age=0"), "{cookies:?}");
    assert!(*world.session_ended.lock().unwrap());
    assert_eq!(*world.claims_made.lock().unwrap(), [(FREDRICA, "launch".to_owned(), None)]);
}

#[tokio::test]
async fn another_users_session_ends_only_if_the_reader_says_so() {
    let world = Arc::new(World::default());
    let cookies = "__Host-lcr=consultant; __Host-lcr-launch=gp.9434765919.1945-07-14";
    let asked = get_with(&world, "/launch/open", cookies).await;
    assert_eq!((asked.status.as_u16(), set_cookies(&asked).len()), (200, 0));
    let text = visible_text(&asked.text);
    assert!(
        text.contains("You are about to continue as Dr Aisha Khan") && text.contains("Signed in until now: "),
        "{text}"
    );
    assert_eq!(asked.text.matches("<button").count(), 1);
    let confirm = async |origin: &str, token: &str| {
        let request = Request::post("/launch/open")
            .header(header::HOST, "localhost:8080")
            .header(header::ORIGIN, origin)
            .header(header::COOKIE, cookies)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        send(world.router(), request.body(Body::from(format!("form_token={token}"))).unwrap()).await
    };
    for (origin, token) in [(HOST_PAGE, "form-token"), (ORIGIN, "another"), (ORIGIN, "")] {
        assert_eq!(confirm(origin, token).await.status.as_u16(), 400, "{origin} {token}");
    }
    assert!(!*world.session_ended.lock().unwrap(), "the other user is still signed in");
    assert!(world.claims_made.lock().unwrap().is_empty(), "nobody is opened");
    let opened = confirm(ORIGIN, "form-token").await;
    assert_eq!(opened.header(header::LOCATION), format!("/people/{FREDRICA}"));
    assert!(set_cookies(&opened)[0].starts_with("__Host-lcr=gp;") && *world.session_ended.lock().unwrap());
}

#[tokio::test]
async fn a_patient_known_by_the_sources_id_is_opened_too() {
    let world = Arc::new(World::default());
    let opened = get_with(&world, "/launch/open", "__Host-lcr-launch=gp.record.known-patient").await;
    assert_eq!(opened.header(header::LOCATION), format!("/people/{FREDRICA}"));
    assert!(!*world.session_ended.lock().unwrap(), "the browser had no session");
    let unknown = get_with(&world, "/launch/open", "__Host-lcr-launch=gp.record.other").await;
    assert_eq!(unknown.status.as_u16(), 404);
    assert!(visible_text(&unknown.text).contains("We cannot open that person"));
}

#[tokio::test]
async fn each_refusal_is_a_page_in_plain_words_without_a_reason() {
    let world = Arc::new(World::default());
    for fields in ["token=bad", "other=field", ""] {
        let refused = launch(&world, fields).await;
        assert_eq!(refused.status.as_u16(), 403, "{fields}");
        let text = visible_text(&refused.text);
        assert!(text.contains("Your system could not open the patient here"), "{text}");
        assert!(!refused.text.contains("inward") && set_cookies(&refused).is_empty());
    }
    let refused = get_as(&world, "gp", "/launch/refused").await;
    assert_eq!(refused.status.as_u16(), 403);
    let other_day = get_with(&world, "/launch/open", "__Host-lcr-launch=gp.9434765919.1945-07-15").await;
    assert_eq!(other_day.status.as_u16(), 404, "another birth date opens nobody");
    let shown = |text: &str| other_day.text.contains(text);
    assert!(!shown("9434765919") && !shown("943 476 5919"), "nothing of the patient is repeated");
    for (path, cookies) in [("/launch/open", ""), ("/launch/open", "__Host-lcr-launch=old"), ("/launch", "")] {
        let without = get_with(&world, path, cookies).await;
        assert_eq!(without.status.as_u16(), 400, "{path}");
        assert!(visible_text(&without.text).contains("Open the patient from your own system"), "{path}");
    }
    assert!(world.claims_made.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_smart_launch_goes_to_the_sign_in_of_its_provider() {
    let world = Arc::new(World::default());
    let query = "/launch?iss=https%3A%2F%2Ffhir.example%2FR4&launch=x%26y";
    let started = get_with(&world, query, "").await;
    let to = "/auth/launch?iss=https%3A%2F%2Ffhir.example%2FR4&launch=x%26y";
    assert_eq!((started.status.as_u16(), started.header(header::LOCATION)), (303, to));
    let request = Request::get(query).header(header::HOST, "localhost:8080").header("sec-fetch-dest", "iframe");
    let framed = send(world.router(), request.body(Body::empty()).unwrap()).await;
    assert_eq!(framed.header(header::LOCATION), format!("{to}&framed=true"));
}
