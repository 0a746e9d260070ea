//! The waiting messages: the list, the text as far as a role may see it, and reading one again. Only for data stewards and
//! administrators.

use std::sync::Arc;

use axum::http::StatusCode;
use lcr_contracts::{FailureKind, messages::WaitingQuery};
use lcr_model::SourceId;

use crate::{
    browser::{get_as, post_as, visible_text},
    fake_messages::NAMED,
    fakes::World,
    pages::assert_well_formed,
};

#[tokio::test]
async fn waiting_messages_are_listed_by_hospital_reason_and_age() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "data-steward", "/waiting").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_well_formed("/waiting", &page.text);
    let text = visible_text(&page.text);
    for expected in [
        "st-hildas Reason Two NHS numbers for one record Messages 4 Oldest received 3 days ago",
        "not a registered hospital Reason No hospital sends as this Messages 1",
        "ADT^A40 number MSG-1 &#60;b&#62;",
        "47110815 of st-hildas",
        "V-100",
        "at MRG-1",
        "no patient named",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(page.text.contains("href=\"/waiting?source=st-hildas&#38;reason=Two%20NHS%20numbers"));
    assert!(page.text.contains(&format!("href=\"/waiting/{NAMED}\"")));
    let home = get_as(&world, "data-steward", "/home").await.text;
    assert!(
        visible_text(&home).contains("5 hospital messages are waiting to be read, the oldest received 3 days ago.")
    );
    assert!(home.contains("href=\"/waiting\""));
}

#[tokio::test]
async fn one_hospital_and_reason_can_be_chosen_and_paged() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "org-admin", "/waiting?source=st-hildas&reason=Too%20long").await;
    let query = world.waiting_queries.lock().unwrap().pop().unwrap();
    let expected =
        WaitingQuery { source: Some(SourceId::new("st-hildas")), reason: Some("Too long".into()), after: None };
    assert_eq!(query, expected);
    assert!(page.text.contains("href=\"/waiting?source=st-hildas&#38;reason=Too%20long&#38;after="));
    let text = visible_text(&page.text);
    assert!(text.contains("not shown to you") && !text.contains("47110815"), "not whom it names: {text}");
    assert!(!text.contains("no patient named"), "withheld is not the same as absent");
}

#[tokio::test]
async fn a_message_is_shown_as_text_and_read_again() {
    let world: Arc<World> = Arc::default();
    let path = format!("/waiting/{NAMED}");
    let page = get_as(&world, "platform-admin", &path).await;
    assert_well_formed("/waiting/{id}", &page.text);
    assert!(page.text.contains("PID|||47110815") && page.text.contains("OBX: not shown"));
    assert!(page.text.contains("ZZ1|&#60;script&#62;") && page.text.contains("Read it again"));
    let after = post_as(&world, "platform-admin", &path, "").await;
    assert_eq!(after.status, StatusCode::OK);
    assert!(visible_text(&after.text).contains("It was read. Read; it says that Fredrica was merged."));
    assert!(!after.text.contains("action=\"/waiting/"), "it waits no longer");
    assert_eq!(*world.replayed.lock().unwrap(), [NAMED]);
}

#[tokio::test]
async fn other_roles_see_no_messages_and_a_missing_message_is_no_unknown_person() {
    let world: Arc<World> = Arc::default();
    for role in ["gp", "ward-nurse", "privacy-officer", "patient"] {
        assert_eq!(get_as(&world, role, "/waiting").await.status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(post_as(&world, role, &format!("/waiting/{NAMED}"), "").await.status, StatusCode::FORBIDDEN);
        assert!(!get_as(&world, role, "/home").await.text.contains("href=\"/waiting\""), "{role}");
    }
    for id in [uuid::Uuid::from_u128(9).to_string(), "x".into()] {
        let page = get_as(&world, "data-steward", &format!("/waiting/{id}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(!page.text.contains("No one matches"));
    }
    assert!(world.replayed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_page_says_when_feeds_is_unavailable() {
    let world = Arc::new(World { failure: Some(FailureKind::Unavailable).into(), ..World::default() });
    let page = get_as(&world, "data-steward", "/waiting").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(visible_text(&page.text).contains("The service that reads hospitals' messages did not answer."));
    assert!(!page.text.contains("No message is waiting"));
    let home = visible_text(&get_as(&world, "data-steward", "/home").await.text);
    assert!(home.contains("How many messages wait is not known right now."));
}
