//! A data steward sees which messages wait, why, and what they hold up, reads one as far as their role may, and has it
//! read again. Nobody else does.

use std::sync::Arc;

use axum::http::StatusCode;
use lcr_contracts::{Kind, messages::WaitingQuery};
use lcr_model::SourceId;

use crate::{
    browser::{get_as, post_as, words},
    fakes::World,
    pages::sound,
    seam_messages::NAMED,
};

#[tokio::test]
async fn messages_wait_by_hospital_reason_and_age_with_what_they_hold_up() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "data-steward", "/waiting").await;
    assert_eq!(page.status, StatusCode::OK);
    sound("/waiting", &page.text);
    let text = words(&page.text);
    for said in [
        "st-hildas Reason Two NHS numbers for one record Messages 4 Oldest received 3 days ago",
        "no hospital of the registry Reason No hospital sends as this Messages 1",
        "ADT^A40 number MSG-1 &#60;b&#62;",
        "47110815 of st-hildas",
        "V-100",
        "at MRG-1",
        "no patient named",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert!(page.text.contains("href=\"/waiting?source=st-hildas&#38;reason=Two%20NHS%20numbers"));
    assert!(page.text.contains(&format!("href=\"/waiting/{NAMED}\"")));
    let home = get_as(&world, "data-steward", "/home").await.text;
    assert!(
        words(&home).contains("5 messages of hospitals wait to be read, the oldest received 3 days ago.")
    );
    assert!(home.contains("href=\"/waiting\""));
}

#[tokio::test]
async fn one_hospital_and_reason_can_be_chosen_and_paged() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "org-admin", "/waiting?source=st-hildas&reason=Too%20long").await;
    let asked = world.waiting.lock().unwrap().pop().unwrap();
    let wanted = WaitingQuery {
        source: Some(SourceId::new("st-hildas")),
        reason: Some("Too long".into()),
        after: None,
    };
    assert_eq!(asked, wanted);
    assert!(page.text.contains("href=\"/waiting?source=st-hildas&#38;reason=Too%20long&#38;after="));
    let text = words(&page.text);
    assert!(text.contains("not shown to you") && !text.contains("47110815"), "not whom it names: {text}");
    assert!(!text.contains("no patient named"), "what is withheld is not said to be absent");
}

#[tokio::test]
async fn a_message_is_shown_as_text_and_read_again() {
    let world: Arc<World> = Arc::default();
    let path = format!("/waiting/{NAMED}");
    let page = get_as(&world, "platform-admin", &path).await;
    sound("/waiting/{id}", &page.text);
    assert!(page.text.contains("PID|||47110815") && page.text.contains("OBX: not shown"));
    assert!(page.text.contains("ZZ1|&#60;script&#62;") && page.text.contains("Read it again"));
    let after = post_as(&world, "platform-admin", &path, "").await;
    assert_eq!(after.status, StatusCode::OK);
    assert!(words(&after.text).contains("It was read. Read; it says that Fredrica was merged."));
    assert!(!after.text.contains("action=\"/waiting/"), "it does not wait any longer");
    assert_eq!(*world.replayed.lock().unwrap(), [NAMED]);
}

#[tokio::test]
async fn nobody_else_sees_them_and_a_message_that_is_not_there_is_no_person() {
    let world: Arc<World> = Arc::default();
    for role in ["gp", "ward-nurse", "privacy-officer", "patient"] {
        assert_eq!(get_as(&world, role, "/waiting").await.status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(
            post_as(&world, role, &format!("/waiting/{NAMED}"), "").await.status,
            StatusCode::FORBIDDEN
        );
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
async fn feeds_that_are_down_are_said_to_be() {
    let world = Arc::new(World { fails: Some(Kind::Unavailable).into(), ..World::default() });
    let page = get_as(&world, "data-steward", "/waiting").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(words(&page.text).contains("The service that reads hospitals' messages did not answer."));
    assert!(!page.text.contains("No message waits"));
    let home = words(&get_as(&world, "data-steward", "/home").await.text);
    assert!(home.contains("How many messages wait is not known right now."));
}
