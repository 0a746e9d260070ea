//! Launches from a partner's system: the steps, the cookies, the pages of a refusal, and who may frame what.

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

#[tokio::test]
async fn only_a_framed_session_is_framed_and_only_by_its_partner() {
    let world = Arc::new(World::default());
    let accepted = launch(&world, "token=framed-gp.9434765919.1945-07-14").await;
    assert!(set_cookies(&accepted)[0].contains("SameSite=None; Partitioned; Secure"), "{:?}", set_cookies(&accepted));
    let ticket = "__Host-lcr-launch=framed-gp.9434765919.1945-07-14";
    let opened = get_with(&world, "/launch/open", ticket).await;
    assert!(set_cookies(&opened)[0].starts_with("__Host-lcr-frame=framed-gp; HttpOnly; SameSite=None; Partitioned"));
    let framed = get_with(&world, "/home", "__Host-lcr-frame=framed-gp").await;
    assert_eq!(framed.status.as_u16(), 200);
    let policy = framed.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains(&format!("frame-ancestors {HOST_PAGE};")), "{policy}");
    assert_eq!(framed.header(header::X_FRAME_OPTIONS), "");
    let own = get_as(&world, "gp", "/home").await;
    assert!(own.header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
    assert_eq!(own.header(header::X_FRAME_OPTIONS), "DENY");
    for swapped in ["__Host-lcr=framed-gp", "__Host-lcr-frame=gp"] {
        let answer = get_with(&world, "/home", swapped).await;
        assert_eq!(answer.status.as_u16(), 303, "{swapped}");
        assert!(answer.header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"), "{swapped}");
    }
    let out_of_frame =
        Request::get("/home").header(header::HOST, "localhost:8080").header("sec-fetch-dest", "document");
    let out_of_frame = out_of_frame.header(header::COOKIE, "__Host-lcr-frame=framed-gp").body(Body::empty()).unwrap();
    assert_eq!(send(world.router(), out_of_frame).await.status.as_u16(), 303);
}

/// A request that the browser makes for its frame, with these cookies.
fn in_frame(request: axum::http::request::Builder, cookies: &str) -> axum::http::request::Builder {
    let request = request.header(header::HOST, "localhost:8080").header("sec-fetch-dest", "iframe");
    request.header(header::COOKIE, cookies)
}

#[tokio::test]
async fn the_end_of_a_framed_session_is_readable_in_its_frame() {
    let world = Arc::new(World::default());
    let router = world.router();
    let get = async |path: &str, cookies: &str| {
        send(router.clone(), in_frame(Request::get(path), cookies).body(Body::empty()).unwrap()).await
    };
    let opened = get("/launch/open", "__Host-lcr-launch=framed-gp.9434765919.1945-07-14").await;
    assert_eq!(opened.status.as_u16(), 303, "{}", opened.text);
    world.ended.lock().unwrap().push("framed-gp".to_owned());
    let policy = format!("frame-ancestors {HOST_PAGE};");
    for (path, status, words) in [
        ("/home", 401, "You were signed out"),
        ("/launch/refused", 403, "Your system could not open the patient here"),
        ("/launch/open", 400, "Open the patient from your own system"),
    ] {
        let answer = get(path, "__Host-lcr-frame=framed-gp").await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(visible_text(&answer.text).contains(words), "{path}");
        assert!(answer.header(header::CONTENT_SECURITY_POLICY).contains(&policy), "{path}");
    }
    let unknown = get("/home", "__Host-lcr-frame=nobody").await;
    assert_eq!(unknown.status.as_u16(), 303, "nobody is known who may frame it");
    assert!(unknown.header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn the_forms_and_streams_of_a_framed_page_use_its_session() {
    let world = Arc::new(World::default());
    let both = "__Host-lcr=consultant; __Host-lcr-frame=framed-gp";
    let page = in_frame(Request::get("/search"), both).body(Body::empty()).unwrap();
    let page = send(world.router(), page).await;
    assert!(page.text.contains("value=\"frame.form-token\""), "{}", page.text);
    let sign_out = async |token: &str| {
        let request = Request::post("/sign-out")
            .header(header::HOST, "localhost:8080")
            .header(header::ORIGIN, ORIGIN)
            .header(header::COOKIE, both)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        send(world.router(), request.body(Body::from(format!("form_token={token}"))).unwrap()).await
    };
    let answer = sign_out("frame.form-token").await;
    assert!(set_cookies(&answer)[0].starts_with("__Host-lcr-frame=;"), "{:?}", set_cookies(&answer));
    let answer = sign_out("form-token").await;
    assert!(set_cookies(&answer)[0].starts_with("__Host-lcr=;"), "{:?}", set_cookies(&answer));
    let record = in_frame(Request::get(format!("/people/{FREDRICA}?whole=1")), both).body(Body::empty()).unwrap();
    let record = send(world.router(), record).await;
    assert!(record.text.contains("frame=1\""), "its stream says that it is framed: {}", record.text);
}
