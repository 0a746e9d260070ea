//! An override of what an open record withholds: the link to it, its form, and until when it is in force.

use std::sync::{Arc, Mutex};

use axum::http::{StatusCode, header};
use lcr_contracts::{FailureKind, claims::ClaimOffer};
use lcr_model::*;

use crate::{
    browser::{get_as, get_from, post_to, visible_text},
    fake_consent::CHOICE,
    fakes::World,
    pages::assert_well_formed,
    sample::{self, FREDRICA},
    streams::read_events,
};

const REASON: OverrideReason = OverrideReason::LifeThreatening;

fn world() -> World {
    let offer = ClaimOffer { override_for: vec![REASON], ..ClaimOffer::default() };
    World { may_override: true, withholds: true, offer, ..World::default() }
}

fn form() -> String {
    format!("/people/{FREDRICA}/override")
}

async fn has_link(world: World, role: &str) -> bool {
    let page = get_as(&Arc::new(world), role, &format!("/people/{FREDRICA}?whole=1")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_well_formed("record", &page.text);
    let link = format!("href=\"{}\">Something is withheld. In an emergency</a>", form());
    page.text.contains(&link)
}

#[tokio::test]
async fn a_record_that_withholds_something_links_to_an_override_if_the_policy_allows_it() {
    assert!(has_link(world(), "paramedic").await);
    assert!(!has_link(world(), "receptionist").await, "the role may not override");
    assert!(!has_link(World { withholds: false, ..world() }, "paramedic").await, "nothing is withheld");
    assert!(!has_link(World { may_override: false, ..world() }, "paramedic").await, "nobody overrides here");
}

#[tokio::test]
async fn the_link_appears_when_a_source_has_answered_with_what_is_withheld() {
    let path = format!("/people/{FREDRICA}/stream?view={FREDRICA}");
    let lines = |events: Vec<(String, String)>| -> Vec<bool> {
        let lines = events.iter().filter(|(name, data)| name == "live" && data.contains("id=\"emergency-line\""));
        lines.map(|(_, data)| data.contains("/override")).collect()
    };
    assert_eq!(lines(read_events(&Arc::new(world()), &path).await), [false, true]);
    let nobody = World { may_override: false, ..world() };
    assert!(lines(read_events(&Arc::new(nobody), &path).await).is_empty());
}

#[tokio::test]
async fn an_override_of_an_open_record_says_until_when_it_is_in_force() {
    let relationship = Some(Relationship::Override { reason: REASON });
    let world = Arc::new(World { relationship, ..world() });
    let router = world.router();
    let page = get_from(&router, "paramedic", &form()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_well_formed("override", &page.text);
    let text = visible_text(&page.text);
    assert!(text.contains("Only in an emergency: see what is withheld") && text.contains("Life-threatening emergency"));
    assert!(text.contains("During this time you see that part and nothing else."), "{text}");
    let short = post_to(&router, "paramedic", &form(), "reason=life-threatening&text=short").await;
    assert_eq!(short.status, StatusCode::BAD_REQUEST);
    assert!(short.text.contains("<a href=\"#override-text\">") && short.text.contains(">short</textarea>"));
    let whole = "reason=life-threatening&text=Unconscious%2C+no+history";
    let done = post_to(&router, "paramedic", &form(), whole).await;
    let record = format!("/people/{FREDRICA}");
    assert_eq!((done.status, done.header(header::LOCATION)), (StatusCode::SEE_OTHER, record.as_str()));
    let opened = "You can see this record because: you opened it in an emergency: life-threatening emergency.";
    let page = visible_text(&get_from(&router, "paramedic", &format!("{record}?whole=1")).await.text);
    assert!(
        page.contains(&format!("{opened} Opened in an emergency until 14:35 (30 minutes left at 14:05).")),
        "{page}"
    );
    assert!(!page.contains("Something is withheld."));
    let other = visible_text(&get_from(&router, "gp", &format!("{record}?whole=1")).await.text);
    assert!(!other.contains("until 14:35"), "the override of another reader");
}

#[tokio::test]
async fn a_reader_ends_their_own_override_and_the_record_closes() {
    let relationship = Some(Relationship::Override { reason: REASON });
    let world = Arc::new(World { relationship, ..world() });
    let router = world.router();
    let record = format!("/people/{FREDRICA}");
    let (whole, end) = (format!("{record}?whole=1"), format!("{record}/override/end"));
    post_to(&router, "paramedic", &form(), "reason=life-threatening&text=Unconscious%2C+no+history").await;
    let page = get_from(&router, "paramedic", &whole).await.text;
    assert_well_formed("override", &page);
    assert!(page.contains("End emergency access now") && page.contains(&format!("action=\"{end}\"")));
    assert!(page.contains(&format!("name=\"claim\" value=\"{CHOICE}\"")));
    assert!(!get_from(&router, "gp", &whole).await.text.contains("End emergency access now"), "another reader");
    for claim in ["x", "00000000-0000-0000-0000-000000000001"] {
        let answer = post_to(&router, "paramedic", &end, &format!("claim={claim}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{claim}");
        assert!(visible_text(&answer.text).contains("is not on record as yours"), "{claim}");
    }
    assert!(world.ended_overrides.lock().unwrap().is_empty());
    let done = post_to(&router, "paramedic", &end, &format!("claim={CHOICE}")).await;
    assert_eq!((done.status, done.header(header::LOCATION)), (StatusCode::SEE_OTHER, record.as_str()));
    assert_eq!(*world.ended_overrides.lock().unwrap(), [(FREDRICA, CHOICE)]);
    let closed = get_from(&router, "paramedic", &whole).await;
    assert!(closed.status == StatusCode::FORBIDDEN && !closed.text.contains("End emergency access now"));
    *world.failure.lock().unwrap() = None;
    let later = get_from(&router, "paramedic", &whole).await.text;
    assert!(!later.contains("End emergency access now"), "the ended override is forgotten");
}

#[tokio::test]
async fn an_end_that_could_not_be_recorded_says_so() {
    let claim_failure = Some((FailureKind::Unavailable, "Not now."));
    let router = Arc::new(World { claim_failure, ..world() }).router();
    let end = format!("/people/{FREDRICA}/override/end");
    let answer = post_to(&router, "paramedic", &end, &format!("claim={CHOICE}")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.contains("Try again in a minute"));
    let address = get_from(&router, "paramedic", &end).await;
    assert_eq!(address.header(header::LOCATION), format!("/people/{FREDRICA}"), "the address of the form is no page");
}

#[tokio::test]
async fn the_address_of_the_form_answers_whatever_consent_decides() {
    let nothing = Arc::new(World { offer: ClaimOffer::default(), ..world() });
    let page = get_as(&nothing, "paramedic", &form()).await;
    assert!(page.status == StatusCode::OK && page.text.contains("An override shows nothing more"));
    assert!(!page.text.contains("/override\""), "no form");
    let refused = World { failure: Mutex::new(Some(FailureKind::NoRelationship)), ..world() };
    let page = get_as(&Arc::new(refused), "paramedic", &form()).await;
    assert!(page.status == StatusCode::FORBIDDEN && page.text.contains("override this refusal"));
    let signed_in_at = Some(sample::now() - jiff::SignedDuration::from_mins(6));
    let page = get_as(&Arc::new(World { signed_in_at, ..world() }), "paramedic", &form()).await;
    assert!(page.text.contains(&format!("href=\"/sign-in?return={}&amp;again=1\"", form())), "and comes back to it");
}
