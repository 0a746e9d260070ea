//! The event stream of an open record page (server-sent events). It fills the page as sources answer, and says when
//! something may no longer be shown. It must never count as activity or outlive the reader's token.

pub(crate) mod stream_limits;

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
    Caller, Failure,
    audit::AccessKind,
    patient_index::PatientSummary,
    records_api::{Update, ViewRequest},
};
use lcr_model::{Dataset, PersonId, SessionId, ViewId};
use serde::Deserialize;

use crate::{
    layout::fragments::{self, Fragment},
    record::{
        emergency::Emergency, page_datasets::page_datasets, person_page::ends_right, tabs::CurrentPage,
        withheld::withheld_names,
    },
    state::App,
    web::session::PassiveReader,
};

/// Shorter than a user token lives. The page reconnects by itself.
const MAX_DURATION: Duration = Duration::from_secs(270);
const RECONNECT_DELAY: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub(crate) struct StreamQuery {
    view: ViewId,
    /// Present if the page is complete: its dataset, or `all`.
    watch: Option<String>,
}

/// What a stream sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamMode {
    /// Every part, as sources answer.
    Fill,
    /// Only what may no longer be shown, of one dataset or of the whole record.
    Watch(Option<Dataset>),
}

impl StreamMode {
    /// What the page itself asked for. More would be another look.
    fn datasets(self) -> Option<Vec<Dataset>> {
        match self {
            Self::Watch(Some(dataset)) => page_datasets(CurrentPage::Dataset(dataset)),
            Self::Watch(None) | Self::Fill => None,
        }
    }
}

impl StreamQuery {
    fn mode(&self) -> StreamMode {
        // An unknown dataset watches the whole record, which can only close too much.
        self.watch.as_deref().map_or(StreamMode::Fill, |watch| StreamMode::Watch(watch.parse().ok()))
    }
}

pub(crate) async fn stream(
    State(app): State<App>,
    PassiveReader(reader): PassiveReader,
    Path(person): Path<PersonId>,
    Query(query): Query<StreamQuery>,
) -> Response {
    let replaced = match app.stream_limits.open((reader.session(), query.view), person.to_string()) {
        Ok(replaced) => replaced,
        Err(failure) => return reader.error_page(&failure).into_response(),
    };
    let mode = query.mode();
    let datasets = mode.datasets();
    let ask = ViewRequest { person, view: query.view, datasets, what: AccessKind::Record, live: true };
    let now = app.deps.clock.now();
    let caller = reader.caller();
    let (updates, (opened, emergency)) =
        tokio::join!(app.deps.records.view(&caller, ask), opened_with(&app, &caller, &query, person));
    let updates = match updates {
        Ok(updates) => updates,
        Err(failure) => stream::iter([Update::Closed { at: now, failure }]).boxed(),
    };
    let updates = updates.then({
        let (app, session) = (app.clone(), reader.session());
        move |update| remove_if_closed(app.clone(), session, person, update)
    });
    let clock = app.deps.clock.clone();
    let mut sent = SentFragments::default();
    let events = updates.flat_map(move |update| {
        stream::iter(update_events(&update, mode, (opened.as_ref(), &emergency), &mut sent, clock.now()))
    });
    let ends = async move {
        // When this replica stops, the page reconnects to another.
        let stop = app.deps.stop.clone();
        tokio::select! { () = tokio::time::sleep(MAX_DURATION) => (), () = replaced => (), () = stop.cancelled() => () }
        // Keeps the stream limits alive as long as a stream is counted in them.
        drop(app);
    };
    sse_response(until_closed(events).take_until(ends))
}

/// The summary that the page of this view was opened with, and what its reader may do in an emergency. A page that is
/// complete needs neither.
async fn opened_with(
    app: &App,
    caller: &Caller,
    query: &StreamQuery,
    person: PersonId,
) -> (Option<PatientSummary>, Emergency) {
    if query.mode() != StreamMode::Fill {
        return (None, Emergency::default());
    }
    let summary = app.deps.patient_index.summary(caller, person, query.view);
    let (summary, emergency) = tokio::join!(summary, Emergency::of_role(app, caller.actor.role));
    (summary.ok(), emergency)
}

/// Takes a person whose view was closed out of the reader's recent people.
async fn remove_if_closed(app: App, session: SessionId, person: PersonId, update: Update) -> Update {
    if let Update::Closed { failure, .. } = &update
        && ends_right(failure)
    {
        app.recent_people.remove(session, person).await;
    }
    update
}

/// The response for a stream of events. The page reconnects when a stream ends without an `end` event.
fn sse_response(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let first =
        stream::once(async { Event::default().retry(RECONNECT_DELAY).comment("what changes while it is open") });
    let events = first.chain(events).map(Ok::<_, Infallible>);
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("still here"));
    // `Sse` sets `no-cache`, which still allows a cache to store the answer.
    ([(axum::http::header::CACHE_CONTROL, "no-store")], events).into_response()
}

/// The last HTML of each part, so that an unchanged part is not sent again.
type SentFragments = HashMap<&'static str, String>;

/// The events of one update, each with whether it is the last of the stream.
fn update_events(
    update: &Update,
    mode: StreamMode,
    (opened, emergency): (Option<&PatientSummary>, &Emergency),
    sent: &mut SentFragments,
    now: Timestamp,
) -> Vec<(Event, bool)> {
    let record = match update {
        Update::Closed { at, failure } => return closed_events(*at, failure),
        Update::Record(record) => record,
    };
    let dataset = match mode {
        StreamMode::Fill => None,
        StreamMode::Watch(dataset) => dataset,
    };
    // Withheld parts are removed before anything else is sent.
    let names = withheld_names(record, dataset).join(" ");
    let mut events = Vec::new();
    if sent.insert("kept", names.clone()).as_ref() != Some(&names) {
        let text = fragments::withheld_text(now, record);
        events.push((Event::default().event("kept").data(format!("{names}\n{text}")), false));
    }
    if mode == StreamMode::Fill {
        // The sources come first, because the page counts new entries by who has answered.
        let page = fragments::page_fragments(record, CurrentPage::Summary, now);
        let banner = fragments::death_fragments(record).into_iter().chain(fragments::settled_contact(record, opened));
        let emergency = emergency.fragment(record, CurrentPage::Summary);
        let live = page.into_iter().chain(banner).chain(emergency).map(|fragment| ("live", fragment));
        let sections = fragments::summary_fragments(record, now).into_iter().map(|fragment| ("section", fragment));
        let changed = live
            .chain(sections)
            .filter(|(_, fragment)| sent.get(fragment.id) != Some(&fragment.html))
            .collect::<Vec<_>>();
        sent.extend(changed.iter().map(|(_, fragment)| (fragment.id, fragment.html.clone())));
        events.extend(changed.iter().map(|(name, fragment)| fragment_event(name, fragment)));
    }
    events
}

fn fragment_event(name: &str, fragment: &Fragment) -> (Event, bool) {
    // Event data may not contain carriage returns.
    (Event::default().event(name).data(fragment.html.replace('\r', "")), false)
}

fn closed_events(at: Timestamp, failure: &Failure) -> Vec<(Event, bool)> {
    let fragments = fragments::closed_fragments(at, failure);
    let mut events: Vec<(Event, bool)> = fragments.iter().map(|fragment| fragment_event("closed", fragment)).collect();
    events.push((Event::default().event("end").data(fragments::closed_text(at, failure)), true));
    events
}

/// Ends the stream after the last event of a closed view. If a view ends without one because its service stops, the page
/// reconnects and learns the state then.
fn until_closed(events: impl Stream<Item = (Event, bool)>) -> impl Stream<Item = Event> {
    let mut ended = false;
    events
        .take_while(move |(_, last)| {
            let keep = !ended;
            ended = *last;
            std::future::ready(keep)
        })
        .map(|(event, _)| event)
}
