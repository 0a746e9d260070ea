//! A record page that fills while it is open: pieces of HTML over server-sent events, the same view as the
//! page. It never counts as activity, lives for under five minutes at a time, and there is one per page.

mod slots;

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Path, Query, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt, stream};
use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    audit::What,
    records::{Update, ViewAsk},
};
use lcr_model::{PersonId, ViewId};
use serde::Deserialize;

use crate::{
    app::App,
    parts::{self, Part},
    session::QuietReader,
    view::tabs::At,
};

pub(crate) use slots::Streams;

/// Shorter than the tokens it was opened with; the page comes back by itself.
const LASTS: Duration = Duration::from_secs(270);
const COMES_BACK: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub(crate) struct Ask {
    view: ViewId,
}

pub(crate) async fn stream(
    State(app): State<App>,
    QuietReader(reader): QuietReader,
    Path(person): Path<PersonId>,
    Query(asked): Query<Ask>,
) -> Response {
    let ask = ViewAsk { person, view: asked.view, datasets: None, what: What::Record };
    let now = app.deps.clock.now();
    let updates = match app.deps.records.view(&reader.caller(), ask).await {
        Ok(updates) => updates,
        Err(failure) => stream::iter([Update::Closed { at: now, failure }]).boxed(),
    };
    let replaced = app.streams.take((reader.session(), asked.view));
    let clock = app.deps.clock.clone();
    let events = updates.flat_map(move |update| stream::iter(events(&update, clock.now())));
    let ends = async move {
        tokio::select! { () = tokio::time::sleep(LASTS) => (), () = replaced => () }
    };
    let events = stream::once(async { Event::default().retry(COMES_BACK).comment("the record as it fills") })
        .chain(until_last(events))
        .take_until(ends)
        .map(|event| Ok::<_, Infallible>(event));
    Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("still here")).into_response()
}

/// What one update sends, and whether it is the last.
fn events(update: &Update, now: Timestamp) -> Vec<(Event, bool)> {
    let part = |name: &str, part: Part| (Event::default().event(name).data(one_line(&part.html)), false);
    match update {
        Update::Record(record) => {
            let live = parts::around(record, At::Summary, now).into_iter().map(|one| part("live", one));
            let sections = parts::summary(record, now).into_iter().map(|one| part("section", one));
            // Who has answered comes first: the page counts what is new by it.
            live.chain(sections).collect()
        }
        Update::Closed { at, failure } => closed(*at, failure, part),
    }
}

fn closed(at: Timestamp, failure: &Failure, part: impl Fn(&str, Part) -> (Event, bool)) -> Vec<(Event, bool)> {
    let mut out: Vec<(Event, bool)> = parts::closed(at, failure).into_iter().map(|one| part("closed", one)).collect();
    out.push((Event::default().event("end").data(parts::closed_words(at, failure)), true));
    out
}

/// Ends with a word to the page after a closed view, and when no source can say more.
fn until_last(events: impl Stream<Item = (Event, bool)>) -> impl Stream<Item = Event> {
    let done = stream::once(async { (Event::default().event("end").data("done"), true) });
    let mut over = false;
    events.chain(done).take_while(move |(_, last)| {
        let go_on = !over;
        over = *last;
        std::future::ready(go_on)
    })
    .map(|(event, _)| event)
}

/// Carriage returns may not stand in an event's data.
fn one_line(html: &str) -> String {
    html.replace('\r', "")
}
