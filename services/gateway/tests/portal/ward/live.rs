//! Tests of an open list: it is told that it changed, and must close once a row may no longer be shown.

use std::sync::{Arc, Mutex};

use lcr_contracts::{FailureKind, ward::ListChange};

use crate::{browser::get_as, fakes::World, stays, streams::read_events};

const FIRST: &str = "/ward/stream?practice=B86000&view=01900000-0000-7000-8000-000000000001";

async fn rows(world: &Arc<World>) -> String {
    let text = get_as(world, "gp", "/ward").await.text;
    text.split("data-rows=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_open_list_gets_the_number_of_changes_and_its_current_rows() {
    let news = vec![ListChange { changed: 2, closed: false }];
    let world = Arc::new(World { news: Mutex::new(news), ..World::default() });
    let rows = rows(&world).await;
    let events = read_events(&world, &format!("{FIRST}&rows={rows}")).await;
    assert_eq!(events, [("news".to_owned(), format!("2 {rows}"))]);
    assert_eq!(world.activity.lock().unwrap().last(), Some(&false), "a stream does not count as activity");
}

#[tokio::test]
async fn a_change_while_disconnected_is_reported_on_reconnect() {
    let before = stays::inpatients();
    let mut after = before.clone();
    after[0].version += 1;
    let world = Arc::new(World { in_hospital: Mutex::new(vec![before, after]), ..World::default() });
    let rows = rows(&world).await;
    let events = read_events(&world, &format!("{FIRST}&rows={rows}")).await;
    assert!(events[0].0 == "news" && events[0].1.starts_with("1 "), "{events:?}");
}

#[tokio::test]
async fn a_row_that_may_no_longer_be_shown_closes_the_list() {
    let closed = "You can no longer see this list as it was (what may be shown has changed, 14:05). This does not mean \
                  there is nobody.";
    let says = |events: &[(String, String)]| events == [("closed".to_owned(), closed.to_owned())];
    // Virtual-ward closes the list while the page is open.
    let news = vec![ListChange { changed: 0, closed: true }];
    let world = Arc::new(World { news: Mutex::new(news), ..World::default() });
    let now = rows(&world).await;
    assert!(says(&read_events(&world, &format!("{FIRST}&rows={now}")).await));
    // A row disappeared, or less of it may be shown, while the page was disconnected.
    let mut hidden = stays::inpatients();
    hidden[1].hidden.push("place".into());
    for after in [stays::inpatients()[1..].to_vec(), hidden] {
        let script = vec![stays::inpatients(), after];
        let world = Arc::new(World { in_hospital: Mutex::new(script), ..World::default() });
        let before = rows(&world).await;
        assert!(says(&read_events(&world, &format!("{FIRST}&rows={before}")).await));
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_confirmed_is_closed_with_a_reason() {
    let world = Arc::new(World { failure: Mutex::new(Some(FailureKind::CannotRecord)), ..World::default() });
    let events = read_events(&world, &format!("{FIRST}&rows=")).await;
    assert!(events[0].0 == "closed" && events[0].1.contains("views cannot be recorded right now, 14:05"));
}
