//! The record's event stream: the order of its events, and what replaces content that may no longer be shown.

use std::sync::Arc;

use axum::http::header;

use crate::{
    browser::{get_as, get_from},
    fakes::World,
    sample::*,
};

async fn events(person: lcr_model::PersonId) -> (Arc<World>, Vec<(String, String)>) {
    let world: Arc<World> = Arc::default();
    let events = read_events(&world, &format!("/people/{person}/stream?view={FREDRICA}")).await;
    (world, events)
}

/// The events of a stream until it ends, as (name, data).
pub async fn read_events(world: &Arc<World>, path: &str) -> Vec<(String, String)> {
    let answer = get_as(world, "gp", path).await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/event-stream");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    assert!(answer.text.contains("retry: 2000") || answer.text.contains("retry:2000"), "{}", answer.text);
    let field = |block: &str, name: &str| -> String {
        let lines = block.lines().filter_map(|line| line.strip_prefix(name)).map(str::trim_start);
        lines.collect::<Vec<_>>().join("\n")
    };
    let events = answer.text.split("\n\n").map(|block| (field(block, "event:"), field(block, "data:")));
    events.filter(|(name, _)| !name.is_empty()).collect()
}

#[tokio::test]
async fn sections_update_as_sources_answer_and_the_view_stays_open() {
    let (world, events) = events(FREDRICA).await;
    let of = |id: &str| -> Vec<&str> {
        events
            .iter()
            .filter(|(_, data)| data.contains(&format!("id=\"{id}\"")))
            .map(|(_, data)| data.as_str())
            .collect()
    };
    let medicines = of("section-medications");
    assert_eq!(medicines.len(), 3, "one per change");
    assert!(medicines[0].contains("data-waiting") && !medicines[1].contains("data-waiting"));
    assert!(medicines[1].contains("not compared yet: asking St Hilda") && medicines[2].contains("5 mg once daily"));
    let allergies = of("allergies-line");
    assert!(allergies[0].contains("Allergies unavailable") && allergies.last().unwrap().contains("Known allergies"));
    assert!(of("sources")[1].contains("data-answered=\"beckside\""));
    assert!(
        of("complete").last().unwrap().contains("Complete as of 14:05:02, except: Adult social care did not answer.")
    );
    assert!(!of("complete").last().unwrap().contains("data-asking"), "complete, and still open");
    assert!(events.iter().all(|(name, _)| name != "end"), "the view has not ended");
    assert_eq!(*world.activity.lock().unwrap(), [false], "a stream does not count as activity");
}

#[tokio::test]
async fn a_choice_made_while_a_page_is_open_replaces_its_content() {
    let (_, events) = events(CLOSING).await;
    let words = "You can no longer see this section (the person's choice, 14:06). This does not mean there is none.";
    let shown =
        "You can no longer see this section (the person&#39;s choice, 14:06). This does not mean there is none.";
    let first = events.iter().position(|(name, _)| name == "closed").unwrap();
    let (closed, end) = events[first..].split_at(events.len() - first - 1);
    for id in [
        "allergies-line",
        "place-line",
        "contact-line",
        "why-line",
        "not-shown",
        "sources",
        "tabs",
        "section-medications",
        "section-results",
        "section-plans",
        "section-differences",
    ] {
        assert!(closed.iter().any(|(_, data)| data.contains(&format!("id=\"{id}\"")) && data.contains(shown)), "{id}");
    }
    assert_eq!(end, [("end".to_owned(), words.to_owned())], "and nothing after it");
}

#[tokio::test]
async fn a_complete_page_learns_what_is_withheld_and_when_it_closes() {
    let world: Arc<World> = Arc::default();
    let path = |person, of: &str| format!("/people/{person}/stream?view={FREDRICA}&watch={of}");
    let quiet = read_events(&world, &path(FREDRICA, "medications")).await;
    let kept = "childrens/demographics\nYou can no longer see this section";
    assert_eq!(quiet.len(), 1, "only this event, and once: {quiet:?}");
    assert!(quiet[0].0 == "kept" && quiet[0].1.starts_with(kept), "{quiet:?}");
    let closing = read_events(&world, &path(CLOSING, "all")).await;
    let (last, end) = closing.last().unwrap();
    assert!(last == "end" && end.starts_with("You can no longer see this section (the person's choice, 14:06)."));
    assert!(closing.iter().any(|(name, data)| name == "closed" && data.contains("id=\"allergies-line\"")));
    assert!(closing.iter().all(|(name, _)| name != "section" && name != "live"));
}

#[tokio::test]
async fn a_person_whose_view_was_closed_leaves_the_recent_people_of_the_home_page() {
    let router = Arc::<World>::default().router();
    for person in [FREDRICA, CLOSING] {
        get_from(&router, "gp", &format!("/people/{person}?whole=1")).await;
    }
    assert!(get_from(&router, "gp", "/home").await.text.contains("HUSSAIN, Yusuf"));
    get_from(&router, "gp", &format!("/people/{CLOSING}/stream?view={FREDRICA}&watch=all")).await;
    let home = get_from(&router, "gp", "/home").await.text;
    assert!(!home.contains("HUSSAIN, Yusuf") && home.contains("SMITH, Fredrica"));
}

#[tokio::test]
async fn every_page_about_a_person_watches_its_view() {
    // Without the built script no page opens a stream.
    if !get_as(&Arc::default(), "gp", "/").await.text.contains("<script") {
        return;
    }
    for (part, of) in
        [("?whole=1", "all"), ("/medications", "medications"), ("/timeline", "all"), ("/documents/doc-1", "documents")]
    {
        let text = get_as(&Arc::default(), "gp", &format!("/people/{FREDRICA}{part}")).await.text;
        assert!(text.contains(&format!("data-watch=\"/people/{FREDRICA}/stream?view=")), "{part}");
        assert!(text.contains(&format!("watch={of}\"")) && text.contains("id=\"main\" data-closes"), "{part}");
        let kept = text.split("data-kept=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(kept.contains("childrens/demographics"), "{part}: {kept}");
    }
}
