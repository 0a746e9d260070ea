//! The officers' search of the log, and the state of its tree. Reading the log is itself recorded. The page must name a
//! patient only if the officer asks for names, and each name is then recorded as a look.

use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use jiff::ToSpan as _;
use lcr_contracts::{
    audit::{AccessKind, Entry, EntryQuery, LogState},
    registry::Registry,
};

use crate::{
    access_log::{
        log_search_form::{LogSearchForm, PAGE_SIZE},
        officer_log::officer_table,
        officer_person_page::{load_registry, require_officer},
        people_names::{PeopleNames, load_names},
        waiting_objections,
    },
    layout::{Layout, Nav, html, table::Table},
    web::{
        error_page::{ErrorPage, as_cannot_record},
        session::SignedInReader,
    },
};

const UNUSUAL_SEARCH_DAYS: i64 = 28;

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage {
    layout: Layout,
    input: LogSearchForm,
    organisations: Vec<(String, String)>,
    problem: Option<String>,
    results: Option<LogSearchResults>,
    /// Users who searched unusually often in the last 28 days. Shown before the first search.
    unusual: Option<Table>,
    /// The objections that wait for the officer's review. Shown before the first search.
    waiting: Option<Result<Table, &'static str>>,
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

pub(crate) async fn search(reader: SignedInReader, Query(input): Query<LogSearchForm>) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    let deps = &reader.app.deps;
    let registry = load_registry(&reader).await;
    let (problem, results) = match input.query(deps.clock.now()) {
        Err(failure) => (Some(failure.outward().to_owned()), None),
        Ok(None) => (None, None),
        Ok(Some(query)) => {
            let entries = deps.audit.entries(&reader.caller(), query).await;
            let entries = entries.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
            let matching: Vec<Entry> = entries.iter().filter(|entry| input.matches(entry)).cloned().collect();
            let names = if input.names == "yes" { load_names(&reader, &matching).await } else { PeopleNames::new() };
            let about_people = matching.iter().any(|entry| !entry.opened.people.is_empty());
            let table = officer_table(&matching, &registry, Some(&names));
            (
                None,
                Some(LogSearchResults {
                    summary: input.summary(matching.len(), entries.len()),
                    older: input.older_link(&entries),
                    with_names: (about_people && input.names != "yes").then(|| input.link(&[("names", "yes")])),
                    table,
                }),
            )
        }
    };
    let (unusual, waiting) = if problem.is_none() && results.is_none() {
        let unusual = load_unusual_searches(&reader, &registry).await?;
        (Some(unusual), Some(waiting_objections::load_table(&reader).await))
    } else {
        (None, None)
    };
    let state = deps.audit.log_state().await.ok();
    let mut organisations: Vec<(String, String)> =
        registry.nameable().map(|organisation| (organisation.ods.to_string(), organisation.name.clone())).collect();
    organisations.sort_by(|(_, a), (_, b)| a.cmp(b));
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let layout = reader.layout("The log", Nav::Log);
    Ok(html(status, &PrivacyPage { layout, input, organisations, problem, results, unusual, waiting, state }))
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
