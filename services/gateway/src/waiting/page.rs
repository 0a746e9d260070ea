//! The pages of waiting messages. Feeds decides who may see them and how much of a message. This page must only show its
//! answer.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use lcr_contracts::{
    Failure, FailureKind,
    messages::{WaitingPage, WaitingQuery},
    registry::Registry,
};
use lcr_model::SourceId;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    layout::{Layout, Nav, html, table::Table},
    roles::MESSAGE_ROLES,
    waiting::messages::{counts_table, message_facts, messages_table, page_href, waiting_summary},
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, no_such_page},
        session::SignedInReader,
    },
};

/// How long the home page waits for its sentence.
const HOME_TIMEOUT: Duration = Duration::from_millis(1500);
const FEEDS_UNAVAILABLE: &str = "The service that reads hospitals' messages did not answer. Messages are stored and none is lost. \
                    Try again in a minute.";

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingListPage {
    layout: Layout,
    problem: Option<&'static str>,
    counts: Table,
    messages: Table,
    /// Whether only one hospital or reason is shown.
    filtered: bool,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "waiting_message.html")]
struct MessagePage {
    layout: Layout,
    form_token: String,
    id: Uuid,
    facts: Vec<(&'static str, String)>,
    waits: bool,
    lines: Vec<String>,
    /// The outcome of reading it again.
    outcome: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct WaitingListQuery {
    source: Option<String>,
    reason: Option<String>,
    after: Option<Uuid>,
}

/// A form without fields of its own.
#[derive(Deserialize)]
pub(crate) struct NoFields {}

pub(crate) async fn list(
    reader: SignedInReader,
    Query(parameters): Query<WaitingListQuery>,
) -> Result<Response, ErrorPage> {
    let non_empty = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let query = WaitingQuery {
        source: non_empty(&parameters.source).map(SourceId::new),
        reason: non_empty(&parameters.reason),
        after: parameters.after,
    };
    let page = match reader.app.deps.messages.waiting(&reader.caller(), query.clone()).await {
        Ok(page) => Some(page),
        Err(failure) if is_unavailable(&failure) => None,
        Err(failure) => return Err(reader.error_page(&failure)),
    };
    let registry = crate::access_log::officer_person_page::load_registry(&reader).await;
    let now = reader.app.deps.clock.now();
    let unavailable = page.is_none();
    let page: WaitingPage = page.unwrap_or_default();
    let next =
        page.after.map(|after| page_href(query.source.as_ref(), query.reason.as_deref(), Some(&after.to_string())));
    let template = WaitingListPage {
        layout: reader.layout("Waiting messages", Nav::Waiting),
        problem: unavailable.then_some(FEEDS_UNAVAILABLE),
        counts: counts_table(&page.counts, |source| source_name(&registry, source), now),
        messages: messages_table(&page, |source| source_name(&registry, source), now),
        filtered: query.source.is_some() || query.reason.is_some(),
        next,
    };
    Ok(html(if unavailable { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }, &template))
}

pub(crate) async fn message(reader: SignedInReader, Path(id): Path<String>) -> Result<Response, ErrorPage> {
    message_page(&reader, &id, None).await
}

/// Reads the message again and shows the outcome.
pub(crate) async fn replay(
    Path(id): Path<String>,
    CsrfForm { reader, form: NoFields {} }: CsrfForm<NoFields>,
) -> Result<Response, ErrorPage> {
    let message = parse_message_id(&reader, &id)?;
    let result = reader.app.deps.messages.replay(&reader.caller(), message).await;
    let result = result.map_err(|failure| message_error_page(&reader, &failure))?;
    message_page(&reader, &id, Some(result.outcome)).await
}

async fn message_page(reader: &SignedInReader, id: &str, outcome: Option<String>) -> Result<Response, ErrorPage> {
    let id = parse_message_id(reader, id)?;
    let text = reader.app.deps.messages.text(&reader.caller(), id).await;
    let text = text.map_err(|failure| message_error_page(reader, &failure))?;
    let registry = crate::access_log::officer_person_page::load_registry(reader).await;
    let page = MessagePage {
        layout: reader.layout("Waiting message", Nav::Waiting),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        id,
        facts: message_facts(&text, |source| source_name(&registry, source), reader.app.deps.clock.now()),
        waits: text.waits,
        lines: text.lines,
        outcome,
    };
    Ok(html(StatusCode::OK, &page))
}

fn parse_message_id(reader: &SignedInReader, id: &str) -> Result<Uuid, ErrorPage> {
    id.parse().map_err(|_| reader.error_page(&no_such_page()))
}

/// A missing message must not read like an unknown person.
fn message_error_page(reader: &SignedInReader, failure: &Failure) -> ErrorPage {
    match failure.kind {
        FailureKind::NotFound => reader.error_page(&no_such_page()),
        _ => reader.error_page(failure),
    }
}

fn is_unavailable(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Unavailable | FailureKind::Timeout)
}

fn source_name(registry: &Registry, source: &SourceId) -> String {
    let system = registry.system(source);
    system.map_or_else(|| source.to_string(), |system| system.name.clone())
}

/// The home page's sentence on waiting messages, or why it is unknown. `None` for roles that do not see them.
pub(crate) async fn home_summary(reader: &SignedInReader) -> Option<Result<String, &'static str>> {
    if !reader.has_role(&MESSAGE_ROLES) {
        return None;
    }
    let (caller, deps) = (reader.caller(), &reader.app.deps);
    let counts = deps.messages.waiting(&caller, WaitingQuery::default());
    Some(match tokio::time::timeout(HOME_TIMEOUT, counts).await {
        Ok(Ok(page)) => Ok(waiting_summary(&page.counts, deps.clock.now())),
        Ok(Err(failure)) if failure.kind == FailureKind::Forbidden => return None,
        Ok(Err(_)) | Err(_) => Err("How many messages wait is not known right now."),
    })
}
