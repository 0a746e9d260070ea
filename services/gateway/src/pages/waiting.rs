//! Messages of hospitals that wait to be read, for those whose desk that is. Feeds decides who may, what of a message is
//! shown, and what reading it again does; this page shows its answer.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use lcr_contracts::{
    Failure, Kind,
    identity::Registry,
    messages::{WaitingPage, WaitingQuery},
};
use lcr_model::SourceId;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    form::Posted,
    page::{Frame, Nav, html},
    roles::MESSAGES,
    session::SignedInReader,
    trouble::{NO_PAGE, Trouble},
    view::{
        table::Table,
        waiting::{address, counts, facts, in_short, messages},
    },
};

/// The home page waits no longer for its line.
const HOME_WAITS: Duration = Duration::from_millis(1500);
const DOWN: &str = "The service that reads hospitals' messages did not answer. Messages are stored and none is lost. \
                    Try again in a minute.";

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingListPage {
    frame: Frame,
    problem: Option<&'static str>,
    counts: Table,
    messages: Table,
    /// One hospital or reason was chosen.
    filtered: bool,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "waiting_message.html")]
struct MessagePage {
    frame: Frame,
    form_token: String,
    id: Uuid,
    facts: Vec<(&'static str, String)>,
    waits: bool,
    lines: Vec<String>,
    /// What came of reading it again.
    outcome: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    source: Option<String>,
    reason: Option<String>,
    after: Option<Uuid>,
}

/// A form without fields of its own.
#[derive(Deserialize)]
pub(crate) struct Again {}

pub(crate) async fn list(reader: SignedInReader, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let query = WaitingQuery {
        source: given(&asked.source).map(SourceId::new),
        reason: given(&asked.reason),
        after: asked.after,
    };
    let page = match reader.app.deps.messages.waiting(&reader.caller(), query.clone()).await {
        Ok(page) => Some(page),
        Err(failure) if is_down(&failure) => None,
        Err(failure) => return Err(reader.fails(&failure)),
    };
    let registry = super::log::registry(&reader).await;
    let now = reader.app.deps.clock.now();
    let down = page.is_none();
    let page: WaitingPage = page.unwrap_or_default();
    let next = page
        .after
        .map(|after| address(query.source.as_ref(), query.reason.as_deref(), Some(&after.to_string())));
    let shown = WaitingListPage {
        frame: reader.frame("Waiting messages", Nav::Waiting),
        problem: down.then_some(DOWN),
        counts: counts(&page.counts, |source| name(&registry, source), now),
        messages: messages(&page, |source| name(&registry, source), now),
        filtered: query.source.is_some() || query.reason.is_some(),
        next,
    };
    Ok(html(if down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, &shown))
}

pub(crate) async fn message(reader: SignedInReader, Path(id): Path<String>) -> Result<Response, Trouble> {
    show(&reader, &id, None).await
}

/// Reads the message again, and says what came of it.
pub(crate) async fn replay(
    Path(id): Path<String>,
    Posted { reader, form: Again {} }: Posted<Again>,
) -> Result<Response, Trouble> {
    let parsed = parse(&reader, &id)?;
    let replayed = reader.app.deps.messages.replay(&reader.caller(), parsed).await;
    let replayed = replayed.map_err(|failure| trouble(&reader, &failure))?;
    show(&reader, &id, Some(replayed.outcome)).await
}

async fn show(reader: &SignedInReader, id: &str, outcome: Option<String>) -> Result<Response, Trouble> {
    let id = parse(reader, id)?;
    let text = reader.app.deps.messages.text(&reader.caller(), id).await;
    let text = text.map_err(|failure| trouble(reader, &failure))?;
    let registry = super::log::registry(reader).await;
    let page = MessagePage {
        frame: reader.frame("Waiting message", Nav::Waiting),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        id,
        facts: facts(&text, |source| name(&registry, source), reader.app.deps.clock.now()),
        waits: text.waits,
        lines: text.lines,
        outcome,
    };
    Ok(html(StatusCode::OK, &page))
}

fn parse(reader: &SignedInReader, id: &str) -> Result<Uuid, Trouble> {
    id.parse().map_err(|_| reader.fails(&Failure::new(Kind::NotFound, NO_PAGE)))
}

/// A message that is not there is no person that was not found.
fn trouble(reader: &SignedInReader, failure: &Failure) -> Trouble {
    match failure.kind {
        Kind::NotFound => reader.fails(&Failure::new(Kind::NotFound, NO_PAGE)),
        _ => reader.fails(failure),
    }
}

fn is_down(failure: &Failure) -> bool {
    matches!(failure.kind, Kind::Unavailable | Kind::Timeout)
}

fn name(registry: &Registry, source: &SourceId) -> String {
    let system = registry.systems.iter().find(|system| system.id == *source);
    system.map_or_else(|| source.to_string(), |system| system.name.clone())
}

/// The home page's line for those whose desk it is. Feeds that are down leave words in its place.
pub(crate) async fn on_home(reader: &SignedInReader) -> Option<Result<String, &'static str>> {
    if !reader.is(&MESSAGES) {
        return None;
    }
    let (caller, deps) = (reader.caller(), &reader.app.deps);
    let asked = deps.messages.waiting(&caller, WaitingQuery::default());
    Some(match tokio::time::timeout(HOME_WAITS, asked).await {
        Ok(Ok(page)) => Ok(in_short(&page.counts, deps.clock.now())),
        Ok(Err(failure)) if failure.kind == Kind::Forbidden => return None,
        Ok(Err(_)) | Err(_) => Err("How many messages wait is not known right now."),
    })
}
