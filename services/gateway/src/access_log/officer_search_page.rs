//! The officers' search of the log, and the state of its tree. Reading the log is itself recorded. What an officer types is
//! posted and never in a URL. The page must name a patient only if the officer asks for names, and each name is then recorded
//! as a look.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::ToSpan as _;
use lcr_contracts::{
    Failure,
    audit::{AccessKind, Entry, EntryQuery, LogState},
    registry::Registry,
};
use uuid::Uuid;

use crate::{
    access_log::{
        claim_queue_page::{ClaimsSummary, claims_summary},
        log_search_form::{LogSearchForm, PAGE_SIZE},
        officer_log::officer_table,
        officer_person_page::{load_registry, require_officer},
        people_names::{PeopleNames, load_names},
        waiting_objections,
    },
    layout::{Layout, Nav, html, table::Table},
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, as_cannot_record},
        session::SignedInReader,
    },
};

const UNUSUAL_SEARCH_DAYS: i64 = 28;
const EXPIRED: &str = "This search is no longer stored (it is stored for 15 minutes). Search again.";
const NOT_BY_LINK: &str = "A name is not searched for by an address. Choose \"Search the log\" to search for it.";

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage {
    layout: Layout,
    form_token: String,
    input: LogSearchForm,
    organisations: Vec<(String, String)>,
    problem: Option<String>,
    results: Option<LogSearchResults>,
    /// Users who searched unusually often in the last 28 days. Shown before the first search.
    unusual: Option<Table>,
    /// The objections that wait for the officer's review. Shown before the first search.
    waiting: Option<Result<Table, &'static str>>,
    /// How many claims and overrides wait for the officer. Shown before the first search.
    claims: Option<ClaimsSummary>,
    /// `None` if audit did not answer.
    state: Option<LogState>,
}

struct LogSearchResults {
    summary: String,
    table: Table,
    older: Option<String>,
    /// The same page with the names of the people concerned.
    with_names: Option<String>,
}

/// Stores what was typed and leads to its results. A search that cannot be stored is answered at once, without links to
/// further pages if it has a name.
pub(crate) async fn search(CsrfForm { reader, form }: CsrfForm<LogSearchForm>) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    let form = form.with_page_of(&LogSearchForm::default());
    let query = form.query(reader.app.deps.clock.now());
    if matches!(query, Ok(Some(_)))
        && let Some(id) = reader.app.search_cache.store_log_search(reader.session(), &form).await
    {
        return Ok(Redirect::to(&format!("/privacy?r={id}")).into_response());
    }
    log_page(&reader, form, query).await
}

/// The results of a stored search, of a link to one user or person, or the empty form.
pub(crate) async fn results(reader: SignedInReader, Query(link): Query<LogSearchForm>) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    let now = reader.app.deps.clock.now();
    if link.r.is_empty() {
        // A page of the previous version still sends the name in the address.
        let is_named = !link.name.trim().is_empty();
        let query = if is_named { Err(Failure::bad_request(NOT_BY_LINK)) } else { link.query(now) };
        return log_page(&reader, link, query).await;
    }
    let stored: Option<LogSearchForm> = match link.r.parse::<Uuid>() {
        Ok(id) => reader.app.search_cache.load_log_search(id, reader.session()).await,
        Err(_) => None,
    };
    match stored.map(|stored| stored.with_page_of(&link)) {
        Some(form) => {
            let query = form.query(now);
            log_page(&reader, form, query).await
        }
        None => log_page(&reader, LogSearchForm::default(), Err(Failure::bad_request(EXPIRED))).await,
    }
}

/// The page of the log: the answer to `query`, what was wrong with it, or the page before the first search.
async fn log_page(
    reader: &SignedInReader,
    input: LogSearchForm,
    query: Result<Option<EntryQuery>, Failure>,
) -> Result<Response, ErrorPage> {
    let deps = &reader.app.deps;
    let registry = load_registry(reader).await;
    let (problem, results) = match query {
        Err(failure) => (Some(failure.outward().to_owned()), None),
        Ok(None) => (None, None),
        Ok(Some(query)) => (None, Some(search_log(reader, &input, query, &registry).await?)),
    };
    let (unusual, waiting, claims) = if problem.is_none() && results.is_none() {
        let unusual = load_unusual_searches(reader, &registry).await?;
        (Some(unusual), Some(waiting_objections::load_table(reader).await), Some(claims_summary(reader).await))
    } else {
        (None, None, None)
    };
    let state = deps.audit.log_state().await.ok();
    let mut organisations: Vec<(String, String)> =
        registry.nameable().map(|organisation| (organisation.ods.to_string(), organisation.name.clone())).collect();
    organisations.sort_by(|(_, a), (_, b)| a.cmp(b));
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let layout = reader.layout("The log", Nav::Log).with_problem(problem.is_some());
    let form_token = reader.signed_in.form_token.as_ref().clone();
    let page =
        PrivacyPage { layout, form_token, input, organisations, problem, results, unusual, waiting, claims, state };
    Ok(html(status, &page))
}

async fn search_log(
    reader: &SignedInReader,
    input: &LogSearchForm,
    query: EntryQuery,
    registry: &Registry,
) -> Result<LogSearchResults, ErrorPage> {
    let entries = reader.app.deps.audit.entries(&reader.caller(), query).await;
    let entries = entries.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    let matching: Vec<Entry> = entries.iter().filter(|entry| input.matches(entry)).cloned().collect();
    let names = if input.names == "yes" { load_names(reader, &matching).await } else { PeopleNames::new() };
    let about_people = matching.iter().any(|entry| !entry.opened.people.is_empty());
    let with_names = if about_people && input.names != "yes" { input.link(&[("names", "yes")]) } else { None };
    Ok(LogSearchResults {
        summary: input.summary(matching.len(), entries.len()),
        older: input.older_link(&entries),
        with_names,
        table: officer_table(&matching, registry, Some(&names)),
    })
}

async fn load_unusual_searches(reader: &SignedInReader, registry: &Registry) -> Result<Table, ErrorPage> {
    let deps = &reader.app.deps;
    let from = deps.clock.now() - UNUSUAL_SEARCH_DAYS * 24.hours();
    let what = Some(AccessKind::UnusualSearch);
    let query = EntryQuery { what, from: Some(from), limit: Some(PAGE_SIZE), ..EntryQuery::default() };
    let entries = deps.audit.entries(&reader.caller(), query).await;
    let entries = entries.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    Ok(Table {
        caption: "Unusual searching".into(),
        empty: "Nobody whose log you read searched unusually often in the last 28 days.".into(),
        ..officer_table(&entries, registry, None)
    })
}
