//! The officers' queue of claims and overrides: the list, its forms, and the counts for other pages. Reading the list is
//! recorded for each person. Consent decides whose claims an officer reads, and records a review before it counts.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{Failure, FailureKind, claims::ClaimList};
use lcr_model::PersonId;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access_log::{
        claim_queue::{ClaimLine, RejectedReview, ReviewInput, count_words, outcome_id, reviewed_table, waiting_lines},
        officer_person_page::require_officer,
        people_names::{PeopleNames, load_names_of},
    },
    forms::field_problem::FieldProblem,
    layout::{Layout, Nav, html, table::Table},
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, as_cannot_record, no_such_page},
        session::SignedInReader,
    },
};

const QUEUE: &str = "/privacy/claims";
const UNAVAILABLE: &str = "How many claims wait for your check is not known right now.";

/// How many claims wait, for the page of the log and the home page.
pub(crate) struct ClaimsSummary {
    pub heading: String,
    pub words: String,
}

#[derive(Template)]
#[template(path = "claims.html")]
struct ClaimsPage {
    layout: Layout,
    form_token: String,
    problems: Vec<FieldProblem>,
    waiting: Vec<ClaimLine>,
    more: bool,
    reviewed: Table,
    /// Whether the page may still name the people.
    unnamed: bool,
}

#[derive(Deserialize)]
pub(crate) struct QueueQuery {
    #[serde(default)]
    names: String,
}

/// The count in words. It names nobody, so it is not recorded.
pub(crate) async fn claims_summary(reader: &SignedInReader) -> ClaimsSummary {
    let title = "Claims to check";
    match reader.app.deps.consent.count_claims(&reader.caller()).await {
        Ok(count) => ClaimsSummary {
            heading: format!("{title} ({})", count.claims.saturating_add(count.overrides)),
            words: count_words(count),
        },
        Err(_) => ClaimsSummary { heading: title.to_owned(), words: UNAVAILABLE.to_owned() },
    }
}

pub(crate) async fn list(reader: SignedInReader, Query(query): Query<QueueQuery>) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    queue_page(&reader, query.names == "yes", RejectedReview::default()).await
}

/// Signing in again leads to the address of the form, which is no page.
pub(crate) async fn to_list(_reader: SignedInReader) -> Response {
    Redirect::to(QUEUE).into_response()
}

pub(crate) async fn review(
    Path(id): Path<String>,
    CsrfForm { reader, form }: CsrfForm<ReviewInput>,
) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    let claim: Uuid = id.parse().map_err(|_| reader.error_page(&no_such_page()))?;
    let id = claim.to_string();
    let review = match form.parse(&id) {
        Ok(review) => review,
        Err(problems) => {
            return queue_page(&reader, false, RejectedReview { claim: id, input: form, problems }).await;
        }
    };
    match reader.app.deps.consent.review_claim(&reader.caller(), claim, review).await {
        Ok(()) => Ok(Redirect::to(QUEUE).into_response()),
        Err(failure) if matches!(failure.kind, FailureKind::BadRequest | FailureKind::Conflict) => {
            let problems = vec![FieldProblem::new(outcome_id(&id), failure.outward())];
            queue_page(&reader, false, RejectedReview { claim: id, input: form, problems }).await
        }
        Err(failure) => Err(queue_error_page(&reader, failure)),
    }
}

/// A missing claim must not read like an unknown person.
fn queue_error_page(reader: &SignedInReader, failure: Failure) -> ErrorPage {
    match failure.kind {
        FailureKind::NotFound => reader.error_page(&no_such_page()),
        _ => reader.error_page(&as_cannot_record(failure)),
    }
}

async fn queue_page(reader: &SignedInReader, named: bool, rejected: RejectedReview) -> Result<Response, ErrorPage> {
    let list = reader.app.deps.consent.claims(&reader.caller()).await;
    let list = list.map_err(|failure| queue_error_page(reader, failure))?;
    let names = if named { load_names_of(reader, &people_of(&list)).await } else { PeopleNames::new() };
    let status = if rejected.problems.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let page = ClaimsPage {
        layout: reader.layout("Claims to check", Nav::Log).with_problem(!rejected.problems.is_empty()),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        waiting: waiting_lines(&list, &names, &rejected),
        problems: rejected.problems,
        more: list.more,
        reviewed: reviewed_table(&list, &names),
        unnamed: !(named || list.waiting.is_empty() && list.reviewed.is_empty()),
    };
    Ok(html(status, &page))
}

/// Everybody on the page once, those who wait first.
fn people_of(list: &ClaimList) -> Vec<PersonId> {
    let mut known = std::collections::BTreeSet::new();
    let all = list.waiting.iter().chain(&list.reviewed).map(|claim| claim.person);
    all.filter(|person| known.insert(*person)).collect()
}
