//! The search: a posted form, results cached under a random id, a table. What was searched for must never appear in a
//! URL or a log.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::FailureKind;
use lcr_contracts::patient_index::{SearchAnswer, SearchQuery};
use lcr_model::Role;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    cache::search_cache::CachedSearch,
    layout::{Layout, Nav, format::format_count, html, table::Table},
    roles::OFFICER_ROLES,
    search::people::{NameLink, people_table, similar_names},
    web::{csrf::CsrfForm, error_page::ErrorPage, session::SignedInReader},
};

/// The search form as the page shows it.
#[derive(Default)]
pub(crate) struct SearchForm {
    pub form_token: String,
    pub q: String,
    pub family: String,
    pub given: String,
    pub birth_date: String,
    pub postcode: String,
    pub problem: Option<String>,
    /// Whether the further fields are open.
    pub open: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    layout: Layout,
    search: SearchForm,
    results: Option<SearchResults>,
    expired: bool,
}

struct SearchResults {
    heading: String,
    more: bool,
    similar: Vec<String>,
    table: Table,
}

/// The search form as it is posted.
#[derive(Deserialize)]
pub(crate) struct SearchInput {
    #[serde(default)]
    q: String,
    #[serde(default)]
    nhs_number: String,
    #[serde(default)]
    family: String,
    #[serde(default)]
    given: String,
    #[serde(default)]
    birth_date: String,
    #[serde(default)]
    postcode: String,
}

impl SearchForm {
    pub fn empty(reader: &SignedInReader) -> Self {
        Self { form_token: reader.signed_in.form_token.as_ref().clone(), ..Self::default() }
    }

    fn from_query(reader: &SignedInReader, query: &SearchQuery) -> Self {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let open =
            [&query.family, &query.given, &query.birth_date, &query.postcode].iter().any(|field| field.is_some());
        Self {
            q: text(&query.q),
            family: text(&query.family),
            given: text(&query.given),
            birth_date: text(&query.birth_date),
            postcode: text(&query.postcode),
            open,
            ..Self::empty(reader)
        }
    }
}

impl SearchInput {
    /// Leaves empty fields out, so that they never widen the search.
    fn query(self) -> SearchQuery {
        let non_empty = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        SearchQuery {
            nhs_number: non_empty(self.nhs_number),
            family: non_empty(self.family),
            given: non_empty(self.given),
            birth_date: non_empty(self.birth_date),
            postcode: non_empty(self.postcode),
            q: non_empty(self.q),
        }
    }
}

pub(crate) async fn search(CsrfForm { reader, form }: CsrfForm<SearchInput>) -> Result<Response, ErrorPage> {
    let query = form.query();
    if query == SearchQuery::default() {
        let problem = Some("Enter an NHS number, a family name and date of birth, or a postcode.".to_owned());
        let search = SearchForm { problem, ..SearchForm::empty(&reader) };
        return Ok(html(StatusCode::BAD_REQUEST, &problem_page(&reader, search)));
    }
    let answer = reader.app.deps.patient_index.search(&reader.caller(), query.clone()).await;
    let answer = match answer {
        Ok(answer) => answer,
        // Shows the form again with the problem.
        Err(failure) if matches!(failure.kind, FailureKind::BadRequest | FailureKind::TooManyRequests) => {
            let too_many = failure.kind == FailureKind::TooManyRequests;
            let status = if too_many { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::BAD_REQUEST };
            let problem = Some(failure.outward().to_owned());
            let search = SearchForm { problem, ..SearchForm::from_query(&reader, &query) };
            return Ok(html(status, &problem_page(&reader, search)));
        }
        Err(failure) => return Err(reader.error_page(&failure)),
    };
    let cached = CachedSearch { query, answer };
    match reader.app.search_cache.store(reader.session(), &cached).await {
        Some(id) => Ok(Redirect::to(&format!("/search?r={id}")).into_response()),
        None => Ok(html(StatusCode::OK, &results_page(&reader, &cached))),
    }
}

#[derive(Deserialize)]
pub(crate) struct ResultsQuery {
    #[serde(default)]
    r: String,
}

pub(crate) async fn results(reader: SignedInReader, Query(query): Query<ResultsQuery>) -> Response {
    let id = query.r.parse::<Uuid>().ok();
    let cached = match id {
        Some(id) => reader.app.search_cache.load(id, reader.session()).await,
        None => None,
    };
    let expired = !query.r.is_empty() && cached.is_none();
    let page = match cached {
        Some(cached) => results_page(&reader, &cached),
        None => {
            SearchPage { layout: search_layout(&reader), search: SearchForm::empty(&reader), results: None, expired }
        }
    };
    html(StatusCode::OK, &page)
}

/// The form that came back with what is wrong with it.
fn problem_page(reader: &SignedInReader, search: SearchForm) -> SearchPage {
    SearchPage { layout: search_layout(reader).with_problem(true), search, results: None, expired: false }
}

fn results_page(reader: &SignedInReader, cached: &CachedSearch) -> SearchPage {
    SearchPage {
        layout: search_layout(reader),
        search: SearchForm::from_query(reader, &cached.query),
        results: Some(search_results(&cached.answer, name_link(reader))),
        expired: false,
    }
}

fn search_layout(reader: &SignedInReader) -> Layout {
    reader.layout("Search", Nav::Search)
}

fn name_link(reader: &SignedInReader) -> NameLink {
    match reader.signed_in.actor.role {
        role if OFFICER_ROLES.contains(&role) => NameLink::AccessLog,
        // A data steward opens no record.
        Role::DataSteward => NameLink::Nowhere,
        _ => NameLink::Record,
    }
}

fn search_results(answer: &SearchAnswer, names: NameLink) -> SearchResults {
    SearchResults {
        heading: if answer.people.is_empty() {
            "No one matches".into()
        } else {
            format_count(answer.people.len(), "person found", "people found")
        },
        more: answer.more,
        similar: similar_names(&answer.people),
        table: people_table(&answer.people, names),
    }
}
