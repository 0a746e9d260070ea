//! A record page that fills while it is open: pieces of HTML over server-sent events, the same view as the
//! page. It never counts as activity, lives for under five minutes at a time, and there is one per page.

use std::{collections::HashMap, convert::Infallible, time::Duration};

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
    parts::{self, Part},
    session::QuietReader,
    state::App,
    view::tabs::At,
};

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
    let ask = ViewAsk { person, view: asked.view, datasets: None, what: What::Record, live: true };
    let now = app.deps.clock.now();
    let updates = match app.deps.records.view(&reader.caller(), ask).await {
        Ok(updates) => updates,
        Err(failure) => stream::iter([Update::Closed { at: now, failure }]).boxed(),
    };
    let replaced = app.streams.take((reader.session(), asked.view));
    let clock = app.deps.clock.clone();
    let mut sent = Sent::default();
    let events = updates.flat_map(move |update| stream::iter(events(&update, &mut sent, clock.now())));
    let ends = async move {
        tokio::select! { () = tokio::time::sleep(LASTS) => (), () = replaced => () }
        // The slots live as long as any stream in them.
        drop(app);
    };
    let events = stream::once(async { Event::default().retry(COMES_BACK).comment("the record as it fills") })
        .chain(until_last(events))
        .take_until(ends)
        .map(Ok::<_, Infallible>);
    Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("still here")).into_response()
}

/// What each piece said last: a piece that says the same is not sent again.
type Sent = HashMap<&'static str, String>;

/// What one update sends, and whether it is the last.
fn events(update: &Update, sent: &mut Sent, now: Timestamp) -> Vec<(Event, bool)> {
    match update {
        Update::Record(record) => {
            // Who has answered comes first: the page counts what is new by it.
            let live = parts::around(record, At::Summary, now).into_iter().map(|one| ("live", one));
            let sections = parts::summary(record, now).into_iter().map(|one| ("section", one));
            let news = live
                .chain(sections)
                .filter(|(_, one)| sent.get(one.id) != Some(&one.html))
                .collect::<Vec<_>>();
            sent.extend(news.iter().map(|(_, one)| (one.id, one.html.clone())));
            news.iter().map(|(name, one)| event(name, one)).collect()
        }
        Update::Closed { at, failure } => closed(*at, failure),
    }
}

fn event(name: &str, part: &Part) -> (Event, bool) {
    // Carriage returns may not stand in an event's data.
    (Event::default().event(name).data(part.html.replace('\r', "")), false)
}

fn closed(at: Timestamp, failure: &Failure) -> Vec<(Event, bool)> {
    let mut out: Vec<(Event, bool)> =
        parts::closed(at, failure).iter().map(|one| event("closed", one)).collect();
    out.push((Event::default().event("end").data(parts::closed_words(at, failure)), true));
    out
}

/// Ends with a word to the page after a closed view, and when no source can say more.
fn until_last(events: impl Stream<Item = (Event, bool)>) -> impl Stream<Item = Event> {
    let done = stream::once(async { (Event::default().event("end").data("done"), true) });
    let mut over = false;
    events
        .chain(done)
        .take_while(move |(_, last)| {
            let go_on = !over;
            over = *last;
            std::future::ready(go_on)
        })
        .map(|(event, _)| event)
}
