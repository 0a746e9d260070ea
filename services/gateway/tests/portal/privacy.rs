//! The officers' search of the log.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use lcr_contracts::audit::AccessKind;
use lcr_model::{Dataset, OdsCode};

use crate::{
    browser::{get_as, get_from, post_as, post_to, visible_text},
    fakes::World,
    sample::{FREDRICA, at},
};

#[tokio::test]
async fn the_log_is_searched_by_user_organisation_time_and_outcome() {
    let world: Arc<World> = Arc::default();
    let router = world.router();
    let typed = "user=gp&name=Khan&org=B86000&from=2026-11-01T09%3A00&until=2026-11-22T00%3A00&outcome=refused";
    let answer = post_to(&router, "privacy-officer", "/privacy", typed).await;
    let to = answer.header(header::LOCATION);
    assert!(answer.status == StatusCode::SEE_OTHER && to.starts_with("/privacy?r=") && !to.contains("Khan"), "{to}");
    assert!(world.log_queries.lock().unwrap().is_empty(), "the log is read once, by the page");
    let page = get_from(&router, "privacy-officer", to).await.text;
    assert!(page.contains("value=\"Khan\""), "the form keeps what was typed");
    assert!(page.contains("&#38;r=") || page.contains("&amp;r="), "a link has the random id");
    assert!(!page.contains("name=Khan"), "and no name");
    let text = visible_text(&page);
    let query = world.log_queries.lock().unwrap().pop().unwrap();
    assert_eq!((query.user.as_deref(), query.org), (Some("gp"), Some(OdsCode::new("B86000"))));
    assert_eq!(query.name.as_deref(), Some("Khan"));
    assert_eq!(query.from, Some(at("2026-11-01T09:00:00Z")));
    assert_eq!(query.until, Some(at("2026-11-22T00:00:00Z")));
    assert!(text.contains("1 of 2 entries read."));
    assert!(text.contains("Refused, nothing shown") && text.contains("no caring relationship on record"));
}

#[tokio::test]
async fn a_name_in_an_address_is_not_searched_for_and_a_search_expires() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "privacy-officer", "/privacy?name=Khan").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("A name is not searched for by an address."), "{}", page.text);
    for id in ["0190a1b2-0000-4000-8000-000000000000", "Khan"] {
        let page = get_as(&world, "privacy-officer", &format!("/privacy?r={id}")).await;
        assert!(page.text.contains("This search is no longer stored"), "{id}");
    }
    assert!(world.log_queries.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_entry_links_to_its_user_and_person_and_names_no_patient() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "caldicott-guardian", &format!("/privacy?person={FREDRICA}")).await.text;
    assert_eq!(world.log_queries.lock().unwrap()[0].person, Some(FREDRICA));
    assert!(
        page.contains("href=\"/privacy?user=gp\"") && page.contains(&format!("href=\"/people/{FREDRICA}/access\""))
    );
    assert!(!page.contains("SMITH") && !page.contains("943 476") && !page.contains("943476"));
    assert!(page.contains("names=yes"), "the names are a link away");
    let page = get_as(&world, "caldicott-guardian", &format!("/privacy?person={FREDRICA}&names=yes")).await.text;
    assert!(page.contains("SMITH, Fredrica, 14-Jul-1945") && !page.contains("943 476"));
}

#[tokio::test]
async fn an_officer_finds_objections_that_wait_for_review_from_their_home() {
    let world: Arc<World> = Arc::default();
    let home = visible_text(&get_as(&world, "privacy-officer", "/home").await.text);
    assert!(home.contains("No objection waits for your review."), "{home}");
    post_as(&world, "patient", "/my-record/choices", "direction=whole").await;
    let home = get_as(&world, "privacy-officer", "/home").await.text;
    assert!(home.contains("1 objection waits for your review.") && home.contains("href=\"/privacy#waiting\""));
    let page = get_as(&world, "privacy-officer", "/privacy").await.text;
    assert!(page.contains("LCR-ABCD-2345") && page.contains(&format!("href=\"/people/{FREDRICA}/choices\"")));
    assert!(!page.contains("SMITH"));
    assert!(!get_as(&world, "gp", "/home").await.text.contains("waits for your review"));
}

#[tokio::test]
async fn a_tab_asks_only_for_its_dataset_and_the_banners_and_links_to_the_others() {
    let world: Arc<World> = Arc::default();
    let record = format!("/people/{FREDRICA}");
    let tab = get_as(&world, "gp", &format!("{record}/medications")).await.text;
    let asked = world.asked_datasets.lock().unwrap().pop().unwrap().unwrap();
    assert!(asked.contains(&Dataset::Medications) && asked.contains(&Dataset::Allergies));
    assert!(!asked.contains(&Dataset::Results) && !asked.contains(&Dataset::Documents));
    assert!(tab.contains("Known allergies"));
    for (part, title) in [("results", "Results"), ("referrals", "Referrals")] {
        let link = format!("<a href=\"{record}/{part}\">{title}</a>");
        assert!(tab.contains(&link), "{part}: a link that says nothing else, whatever was opened before");
    }
    let summary = get_as(&world, "gp", &format!("{record}?whole=1")).await.text;
    assert_eq!(world.asked_datasets.lock().unwrap().pop(), Some(None), "the summary shows everything");
    assert!(!summary.contains(&format!("href=\"{record}/referrals\"")), "not open to the role");
    let closed = get_as(&world, "gp", &format!("{record}/referrals")).await.text;
    assert!(closed.contains("are not open to your role. This does not mean there are none."));
}

#[tokio::test]
async fn the_files_of_a_report_are_one_view_of_the_results_and_those_of_a_letter_of_the_documents() {
    for (id, dataset, other) in [
        ("st-hildas~DiagnosticReport~r1", Dataset::Results, Dataset::Documents),
        ("st-hildas~DocumentReference~d1", Dataset::Documents, Dataset::Results),
    ] {
        let world: Arc<World> = Arc::default();
        get_as(&world, "gp", &format!("/people/{FREDRICA}/documents/{id}")).await;
        let asked = world.asked_datasets.lock().unwrap();
        let [Some(asked)] = asked.as_slice() else { panic!("{id}: {asked:?}") };
        assert!(asked.contains(&dataset) && !asked.contains(&other), "{id}");
    }
}

#[tokio::test]
async fn before_a_search_the_page_shows_the_tree_and_unusual_searching() {
    let world: Arc<World> = Arc::default();
    let text = visible_text(&get_as(&world, "privacy-officer", "/privacy").await.text);
    assert!(text.contains("2841 leaves in the newest checkpoint, 3 waiting for their place."));
    assert!(text.contains("leedscarerecord.example/audit"));
    let queries = world.log_queries.lock().unwrap();
    assert_eq!(queries.iter().map(|query| query.what).collect::<Vec<_>>(), [Some(AccessKind::UnusualSearch)]);
    assert!(text.contains("Unusual searching"));
}

#[tokio::test]
async fn an_unreadable_field_is_named_and_not_repeated() {
    let world: Arc<World> = Arc::default();
    for (query, expected) in [
        ("from=yesterday", "From could not be read: enter a day and a time."),
        ("person=SMITH", "Choose the person by way of the search."),
    ] {
        let page = get_as(&world, "privacy-officer", &format!("/privacy?{query}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(page.text.contains(expected), "{query}");
    }
    assert!(world.log_queries.lock().unwrap().is_empty());
}

#[tokio::test]
async fn only_officers_read_the_log() {
    for role in ["gp", "patient", "data-steward", "org-admin"] {
        let answer = get_as(&Arc::default(), role, "/privacy?user=gp").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role}");
    }
    let page = get_as(&Arc::default(), "privacy-officer", &format!("/people/{FREDRICA}/access")).await.text;
    assert!(page.contains(&format!("href=\"/people/{FREDRICA}/choices\"")), "choices are reached by person");
}
