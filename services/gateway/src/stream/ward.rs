//! The event stream of an open ward list: how many stays changed, or that the list may no longer be shown. The page sends
//! digests of its rows, so no change between two streams may be missed. An event must never say which person it is about.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response, sse::Event},
};
use futures::{Stream, StreamExt, stream, stream::BoxStream};
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, FailureKind, VirtualWard,
    ward::{ListChange, ListRequest},
};
use lcr_model::{ViewId, discharge_window::WINDOW_DAYS};
use serde::Deserialize;

use crate::{
    layout::format::format_time,
    state::App,
    stream::{MAX_DURATION, sse_response},
    ward::{
        query::ListQuery,
        row_version::{Difference, RowVersions},
    },
    web::session::PassiveReader,
};

/// The reason shown when a row disappears. It must not reveal whose choice it was.
const LESS_SHOWN: &str = "what may be shown has changed";

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    view: ViewId,
    /// The encoded versions of the rows on the page.
    #[serde(default)]
    rows: String,
    /// Whether it is the list of people who left.
    #[serde(default)]
    left: bool,
}

pub(crate) async fn stream(
    State(app): State<App>,
    PassiveReader(reader): PassiveReader,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> Response {
    let list_of = match query.list() {
        Ok(Some(list_of)) => list_of,
        Ok(None) => return reader.error_page(&Failure::bad_request("Name the list.")).into_response(),
        Err(failure) => return reader.error_page(&failure).into_response(),
    };
    let ask = ListRequest { of: list_of, view: page.view, days: if page.left { WINDOW_DAYS } else { 0 } };
    let replaced = match app.stream_limits.open((reader.session(), page.view), format!("{:?}", ask.of)) {
        Ok(replaced) => replaced,
        Err(failure) => return reader.error_page(&failure).into_response(),
    };
    let subscription = ListSubscription { app: app.clone(), caller: reader.caller(), ask };
    let events = subscription.events(&page.rows).await;
    let ends = async move {
        // When this replica stops, the page reconnects to another.
        let stop = app.deps.stop.clone();
        tokio::select! { () = tokio::time::sleep(MAX_DURATION) => (), () = replaced => (), () = stop.cancelled() => () }
        // Keeps the stream limits alive as long as a stream is counted in them.
        drop(app);
    };
    sse_response(events.take_until(ends))
}

#[derive(Clone)]
struct ListSubscription {
    app: App,
    caller: Caller,
    ask: ListRequest,
}

impl ListSubscription {
    /// Subscribes before it reads the list, so that no change is lost between the two.
    async fn events(self, on_page: &str) -> BoxStream<'static, Event> {
        let news = match self.ward().changes(&self.caller, self.ask.clone()).await {
            Ok(news) => news,
            Err(failure) => return stream::iter([self.closed(closed_reason(&failure))]).boxed(),
        };
        let rows = match self.rows().await {
            Ok(rows) => rows,
            Err(failure) => return stream::iter([self.closed(closed_reason(&failure))]).boxed(),
        };
        match rows.compare(on_page) {
            Difference::Reduced => stream::iter([self.closed(LESS_SHOWN)]).boxed(),
            Difference::None => self.follow(0, news).boxed(),
            Difference::Changed(before) => {
                stream::iter([news_event(before, &rows)]).chain(self.follow(before, news)).boxed()
            }
        }
    }

    /// Turns news into events. Reads the list again each time, so that later comparisons use its current rows.
    fn follow(self, before: u32, news: BoxStream<'static, ListChange>) -> impl Stream<Item = Event> {
        news.then(move |news| {
            let subscription = self.clone();
            async move {
                if news.closed {
                    return subscription.closed(LESS_SHOWN);
                }
                match subscription.rows().await {
                    Ok(rows) => news_event(before.saturating_add(news.changed), &rows),
                    Err(failure) => subscription.closed(closed_reason(&failure)),
                }
            }
        })
    }

    async fn rows(&self) -> Result<RowVersions, Failure> {
        let ask = self.ask.clone();
        if ask.days == 0 {
            return self.ward().inpatients(&self.caller, ask).await.map(|list| RowVersions::of(&list.rows));
        }
        self.ward().discharges(&self.caller, ask).await.map(|list| RowVersions::of(&list.rows))
    }

    fn ward(&self) -> &dyn VirtualWard {
        self.app.deps.virtual_ward.as_ref()
    }

    fn closed(&self, reason: &str) -> Event {
        Event::default().event("closed").data(closed_text(self.app.deps.clock.now(), reason))
    }
}

/// The number of changed stays, and the rows as they are now.
fn news_event(changed: u32, rows: &RowVersions) -> Event {
    Event::default().event("news").data(format!("{changed} {}", rows.encode()))
}

fn closed_text(at: Timestamp, reason: &str) -> String {
    let at = format_time(at);
    format!("You can no longer see this list as it was ({reason}, {at}). This does not mean there is nobody.")
}

fn closed_reason(failure: &Failure) -> &'static str {
    match failure.kind {
        FailureKind::Unauthenticated => "you were signed out",
        FailureKind::CannotRecord => "views cannot be recorded right now",
        FailureKind::Forbidden => "it is not open to your role any more",
        _ => "it could not be confirmed that you may see it",
    }
}
