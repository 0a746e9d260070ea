//! A record page that fills while it is open: pieces of HTML over server-sent events, the same view as the
//! page. A page that is whole only watches: it is told when what it shows may no longer be shown. A stream never
//! counts as activity, lives for under five minutes at a time, and there is one per page.

pub(crate) mod ward;

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
use lcr_model::{Dataset, PersonId, ViewId};
use serde::Deserialize;

use crate::{
    parts::{self, Part},
    session::QuietReader,
    state::App,
    view::{kept::kept, tabs::At},
};

/// Shorter than the tokens it was opened with; the page comes back by itself.
const LASTS: Duration = Duration::from_secs(270);
const COMES_BACK: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub(crate) struct Ask {
    view: ViewId,
    /// A page that is whole: of which dataset, or `all`.
    watch: Option<String>,
}

/// What a page is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listens {
    /// Everything, as sources answer.
    Fills,
    /// Its end alone: of one dataset's page, or of one about the whole record.
    Watches(Option<Dataset>),
}

impl Ask {
    fn listens(&self) -> Listens {
        // A name that is no dataset watches everything: it can only close too much.
        self.watch.as_deref().map_or(Listens::Fills, |of| Listens::Watches(of.parse().ok()))
    }
}

pub(crate) async fn stream(
    State(app): State<App>,
    QuietReader(reader): QuietReader,
    Path(person): Path<PersonId>,
    Query(asked): Query<Ask>,
) -> Response {
    let replaced = match app.streams.take((reader.session(), asked.view), person.to_string()) {
        Ok(replaced) => replaced,
        Err(full) => return reader.fails(&full).into_response(),
    };
    let ask = ViewAsk { person, view: asked.view, datasets: None, what: What::Record, live: true };
    let now = app.deps.clock.now();
    let updates = match app.deps.records.view(&reader.caller(), ask).await {
        Ok(updates) => updates,
        Err(failure) => stream::iter([Update::Closed { at: now, failure }]).boxed(),
    };
    let clock = app.deps.clock.clone();
    let mut sent = Sent::default();
    let listens = asked.listens();
    let events =
        updates.flat_map(move |update| stream::iter(events(&update, listens, &mut sent, clock.now())));
    let ends = async move {
        // When this replica stops the page opens its stream at another.
        let stop = app.deps.stop.clone();
        tokio::select! { () = tokio::time::sleep(LASTS) => (), () = replaced => (), () = stop.cancelled() => () }
        // The slots live as long as any stream in them.
        drop(app);
    };
    answer(until_last(events).take_until(ends))
}

/// Events as they leave. A stream that ends without a word is opened again by the page.
fn answer(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let first =
        stream::once(async { Event::default().retry(COMES_BACK).comment("what changes while it is open") });
    let events = first.chain(events).map(Ok::<_, Infallible>);
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("still here"));
    // An event stream says `no-cache` by itself, which lets a cache keep it.
    ([(axum::http::header::CACHE_CONTROL, "no-store")], events).into_response()
}

/// What each piece said last: a piece that says the same is not sent again.
type Sent = HashMap<&'static str, String>;

/// What one update sends, and whether it is the last.
fn events(update: &Update, listens: Listens, sent: &mut Sent, now: Timestamp) -> Vec<(Event, bool)> {
    let record = match update {
        Update::Closed { at, failure } => return closed(*at, failure),
        Update::Record(record) => record,
    };
    let of = match listens {
        Listens::Fills => None,
        Listens::Watches(of) => of,
    };
    // What may no longer be shown goes before anything else is said.
    let names = kept(record, of).join(" ");
    let mut out = Vec::new();
    if sent.insert("kept", names.clone()).as_ref() != Some(&names) {
        let words = parts::less_words(now, record);
        out.push((Event::default().event("kept").data(format!("{names}\n{words}")), false));
    }
    if listens == Listens::Fills {
        // Who has answered comes first: the page counts what is new by it.
        let live = parts::around(record, At::Summary, now).into_iter().map(|one| ("live", one));
        let sections = parts::summary(record, now).into_iter().map(|one| ("section", one));
        let news =
            live.chain(sections).filter(|(_, one)| sent.get(one.id) != Some(&one.html)).collect::<Vec<_>>();
        sent.extend(news.iter().map(|(_, one)| (one.id, one.html.clone())));
        out.extend(news.iter().map(|(name, one)| event(name, one)));
    }
    out
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

/// Ends after the words of a closed view. A view that ends without them (its service is stopping) says nothing:
/// the page asks again, and is told then.
fn until_last(events: impl Stream<Item = (Event, bool)>) -> impl Stream<Item = Event> {
    let mut over = false;
    events
        .take_while(move |(_, last)| {
            let go_on = !over;
            over = *last;
            std::future::ready(go_on)
        })
        .map(|(event, _)| event)
}
