//! Tests of the home page: it counts patients in hospital, and must offer nothing that the role cannot do.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use lcr_contracts::FailureKind;

use crate::{
    browser::{get, get_as, get_from, visible_text},
    fakes::World,
    sample::FREDRICA,
};

#[tokio::test]
async fn the_home_page_counts_patients_and_works_without_the_list() {
    let text = visible_text(&get("/home").await.text);
    assert!(
        text.contains(
            "4 patients of yours are shown as in-patients, and 3 as day cases, at home or in community beds."
        )
    );
    assert!(text.contains("Since yesterday: 2 admitted. Expected to leave today: 1. See the list"), "{text}");
    let counts_only = Arc::<World>::default();
    get_as(&counts_only, "gp", "/home").await;
    assert!(counts_only.requested_lists.lock().unwrap().is_empty(), "counting is no look at a list");
    let text = visible_text(&get_as(&counts_only, "ward-nurse", "/home").await.text);
    assert!(
        text.contains("4 in-patients at your hospital") && text.contains("2 in the emergency department."),
        "{text}"
    );
    let world = Arc::new(World { failure: Mutex::new(Some(FailureKind::Internal)), ..World::default() });
    let page = get_as(&world, "gp", "/home").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("did not answer. This does not mean there are none."));
    let page = get_as(&world, "paramedic", "/home").await.text;
    assert!(!page.contains("My patients in hospital") && !page.contains("href=\"/ward\""));
}

#[tokio::test]
async fn the_home_page_says_what_the_role_can_do_and_links_to_nothing_else() {
    let home = async |role: &str| get_as(&Arc::<World>::default(), role, "/home").await.text;
    for (role, words, search, ward) in [
        ("gp", "open the records of people registered with your practice", true, true),
        ("ward-nurse", "see who is on each ward", true, true),
        ("paramedic", "A record opens while it is recorded that your organisation cares", true, false),
        ("platform-admin", "You see no patient&#39;s record.", false, false),
        ("commissioner", "You can see the state of the sources.", false, false),
    ] {
        let text = home(role).await;
        assert!(text.contains(words), "{role}");
        assert_eq!(text.contains("action=\"/search\"") || text.contains("href=\"/search\""), search, "{role}");
        assert_eq!(text.contains("href=\"/ward\""), ward, "{role}");
    }
}

#[tokio::test]
async fn the_home_page_names_the_records_opened_in_the_session() {
    let world = Arc::<World>::default();
    let router = world.router();
    let recent = format!("href=\"/people/{FREDRICA}\">SMITH, Fredrica, born 14-Jul-1945</a>");
    assert!(!get_from(&router, "gp", "/home").await.text.contains(&recent));
    get_from(&router, "gp", &format!("/people/{FREDRICA}?whole=1")).await;
    assert!(get_from(&router, "gp", "/home").await.text.contains(&recent));
}
