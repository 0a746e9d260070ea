//! Finding a person: a form that is posted, an answer kept under an opaque id, a table. What was searched for
//! never stands in a URL or a log.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::Kind;
use lcr_contracts::patient_index::{SearchAnswer, SearchQuery};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    form::Posted,
    page::{Frame, Nav, html},
    roles::OFFICERS,
    searches::Held,
    session::SignedInReader,
    trouble::Trouble,
    view::{
        people::{people_table, similar_names},
        table::Table,
        words::count,
    },
};

/// The form, with what was typed.
#[derive(Default)]
pub(crate) struct SearchForm {
    pub form_token: String,
    pub q: String,
    pub family: String,
    pub given: String,
    pub birth_date: String,
    pub postcode: String,
    pub problem: Option<String>,
    /// The fields beyond the one box are in use.
    pub open: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    search: SearchForm,
    found: Option<Found>,
    expired: bool,
}

struct Found {
    heading: String,
    more: bool,
    similar: Vec<String>,
    table: Table,
}

/// What the form posts.
#[derive(Deserialize)]
pub(crate) struct Fields {
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

    fn typed(reader: &SignedInReader, query: &SearchQuery) -> Self {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let open =
            [&query.family, &query.given, &query.birth_date, &query.postcode].iter().any(|one| one.is_some());
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

impl Fields {
    /// An empty field is an absent one: it never widens the search.
    fn query(self) -> SearchQuery {
        let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        SearchQuery {
            nhs_number: given(self.nhs_number),
            family: given(self.family),
            given: given(self.given),
            birth_date: given(self.birth_date),
            postcode: given(self.postcode),
            q: given(self.q),
        }
    }
}

pub(crate) async fn search(Posted { reader, form }: Posted<Fields>) -> Result<Response, Trouble> {
    let query = form.query();
    if query == SearchQuery::default() {
        let problem = Some("Enter an NHS number, a family name and date of birth, or a postcode.".to_owned());
        let search = SearchForm { problem, ..SearchForm::empty(&reader) };
        let page = SearchPage { frame: frame(&reader), search, found: None, expired: false };
        return Ok(html(StatusCode::BAD_REQUEST, &page));
    }
    let answer = reader.app.deps.patient_index.search(&reader.caller(), query.clone()).await;
    let answer = match answer {
        Ok(answer) => answer,
        // The page shows what was typed, with what is wrong with it.
        Err(failure) if matches!(failure.kind, Kind::BadRequest | Kind::TooManyRequests) => {
            let often = failure.kind == Kind::TooManyRequests;
            let status = if often { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::BAD_REQUEST };
            let problem = Some(failure.outward().to_owned());
            let search = SearchForm { problem, ..SearchForm::typed(&reader, &query) };
            let page = SearchPage { frame: frame(&reader), search, found: None, expired: false };
            return Ok(html(status, &page));
        }
        Err(failure) => return Err(reader.fails(&failure)),
    };
    let held = Held { query, answer };
    match reader.app.searches.keep(reader.session(), &held).await {
        Some(id) => Ok(Redirect::to(&format!("/search?r={id}")).into_response()),
        None => Ok(html(StatusCode::OK, &results_page(&reader, &held))),
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    r: String,
}

pub(crate) async fn results(reader: SignedInReader, Query(asked): Query<Asked>) -> Response {
    let id = asked.r.parse::<Uuid>().ok();
    let held = match id {
        Some(id) => reader.app.searches.find(id, reader.session()).await,
        None => None,
    };
    let expired = !asked.r.is_empty() && held.is_none();
    let page = match held {
        Some(held) => results_page(&reader, &held),
        None => {
            SearchPage { frame: frame(&reader), search: SearchForm::empty(&reader), found: None, expired }
        }
    };
    html(StatusCode::OK, &page)
}

fn results_page(reader: &SignedInReader, held: &Held) -> SearchPage {
    SearchPage {
        frame: frame(reader),
        search: SearchForm::typed(reader, &held.query),
        found: Some(found(&held.answer, reader.is(&OFFICERS))),
        expired: false,
    }
}

fn frame(reader: &SignedInReader) -> Frame {
    reader.frame("Search", Nav::Search)
}

fn found(answer: &SearchAnswer, officer: bool) -> Found {
    Found {
        heading: if answer.people.is_empty() {
            "No one matches".into()
        } else {
            count(answer.people.len(), "person found", "people found")
        },
        more: answer.more,
        similar: similar_names(&answer.people),
        table: people_table(&answer.people, officer),
    }
}
