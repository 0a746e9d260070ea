//! A ward list that is open: how many of its stays changed, or that it may no longer be shown as it stands. The
//! page says which rows it shows, in figures that tell nothing; so what happened while nobody listened is told when
//! it listens again, and no row that may no longer be shown is missed between two streams.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response, sse::Event},
};
use futures::{Stream, StreamExt, stream, stream::BoxStream};
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, Kind, VirtualWard,
    ward::{ListAsk, WardNews},
};
use lcr_model::ViewId;
use serde::Deserialize;

use super::{LASTS, answer};
use crate::{
    pages::ward::asked::{Asked, WINDOW},
    session::QuietReader,
    state::App,
    view::{
        ward::rows::{Difference, Rows},
        words::clock,
    },
};

/// What is said when it is not told why less may be shown: a list must not tell whose choice it was.
const LESS: &str = "what may be shown has changed";

#[derive(Deserialize)]
pub(crate) struct Page {
    view: ViewId,
    /// The rows on the page.
    #[serde(default)]
    rows: String,
    /// The list of those who left.
    #[serde(default)]
    left: bool,
}

pub(crate) async fn stream(
    State(app): State<App>,
    QuietReader(reader): QuietReader,
    Query(asked): Query<Asked>,
    Query(page): Query<Page>,
) -> Response {
    let of = match asked.list() {
        Ok(Some(of)) => of,
        Ok(None) => return reader.fails(&Failure::bad_request("Name the list.")).into_response(),
        Err(failure) => return reader.fails(&failure).into_response(),
    };
    let ask = ListAsk { of, view: page.view, days: if page.left { WINDOW } else { 0 } };
    let replaced = match app.streams.take((reader.session(), page.view), format!("{:?}", ask.of)) {
        Ok(replaced) => replaced,
        Err(full) => return reader.fails(&full).into_response(),
    };
    let listening = Listening { app: app.clone(), caller: reader.caller(), ask };
    let events = listening.events(&page.rows).await;
    let ends = async move {
        // When this replica stops the page opens its stream at another.
        let stop = app.deps.stop.clone();
        tokio::select! { () = tokio::time::sleep(LASTS) => (), () = replaced => (), () = stop.cancelled() => () }
        // The slots live as long as any stream in them.
        drop(app);
    };
    answer(events.take_until(ends))
}

#[derive(Clone)]
struct Listening {
    app: App,
    caller: Caller,
    ask: ListAsk,
}

impl Listening {
    /// Listens first and looks then: nothing falls between.
    async fn events(self, on_page: &str) -> BoxStream<'static, Event> {
        let news = match self.ward().news(&self.caller, self.ask.clone()).await {
            Ok(news) => news,
            Err(failure) => return stream::iter([self.closed(why(&failure))]).boxed(),
        };
        let rows = match self.rows().await {
            Ok(rows) => rows,
            Err(failure) => return stream::iter([self.closed(why(&failure))]).boxed(),
        };
        match rows.since(on_page) {
            Difference::Less => stream::iter([self.closed(LESS)]).boxed(),
            Difference::None => self.follow(0, news).boxed(),
            Difference::Changed(before) => {
                stream::iter([told(before, &rows)]).chain(self.follow(before, news)).boxed()
            }
        }
    }

    /// News as events. After each the list is looked at again: a stay that ended is no longer expected on it.
    fn follow(self, before: u32, news: BoxStream<'static, WardNews>) -> impl Stream<Item = Event> {
        news.then(move |news| {
            let me = self.clone();
            async move {
                if news.closed {
                    return me.closed(LESS);
                }
                match me.rows().await {
                    Ok(rows) => told(before.saturating_add(news.changed), &rows),
                    Err(failure) => me.closed(why(&failure)),
                }
            }
        })
    }

    async fn rows(&self) -> Result<Rows, Failure> {
        let ask = self.ask.clone();
        if ask.days == 0 {
            return self.ward().inpatients(&self.caller, ask).await.map(|list| Rows::inpatients(&list.rows));
        }
        self.ward().discharges(&self.caller, ask).await.map(|list| Rows::discharged(&list.rows))
    }

    fn ward(&self) -> &dyn VirtualWard {
        self.app.deps.virtual_ward.as_ref()
    }

    fn closed(&self, why: &str) -> Event {
        Event::default().event("closed").data(closed_words(self.app.deps.clock.now(), why))
    }
}

/// How many changed, and the rows as they are now.
fn told(changed: u32, rows: &Rows) -> Event {
    Event::default().event("news").data(format!("{changed} {}", rows.named()))
}

fn closed_words(at: Timestamp, why: &str) -> String {
    let at = clock(at);
    format!("You can no longer see this list as it was ({why}, {at}). This does not mean there is nobody.")
}

fn why(failure: &Failure) -> &'static str {
    match failure.kind {
        Kind::Unauthenticated => "you were signed out",
        Kind::CannotRecord => "views cannot be recorded right now",
        Kind::Forbidden => "it is not open to your role any more",
        _ => "it could not be confirmed that you may see it",
    }
}
