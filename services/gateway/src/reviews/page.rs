//! Reviews for data stewards: two records with one NHS number side by side, with a form to decide whether they are one
//! person's. It must work without JavaScript. Patient-index decides who may and records the decision.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure,
    patient_index::{DecideReview, LinkDecision},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    layout::{Layout, Nav, html},
    reviews::comparison::{ReviewLine, review_lines},
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, as_cannot_record},
        session::SignedInReader,
    },
};

#[derive(Template)]
#[template(path = "reviews.html")]
struct ReviewsPage {
    layout: Layout,
    form_token: String,
    reviews: Vec<ReviewLine>,
    /// The number of reviews about people whom this reader may not see.
    not_shown: u32,
    next: Option<Uuid>,
    problem: Option<String>,
}

/// Pages through the reviews: those after this one.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ReviewsQuery {
    after: Option<Uuid>,
}

/// A decision as the form sends it.
#[derive(Deserialize)]
pub(crate) struct DecisionForm {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn list(reader: SignedInReader, Query(page): Query<ReviewsQuery>) -> Result<Response, ErrorPage> {
    list_page(&reader, page.after, None).await
}

pub(crate) async fn decide(
    Path(id): Path<String>,
    CsrfForm { reader, form }: CsrfForm<DecisionForm>,
) -> Result<Response, ErrorPage> {
    let id: Uuid = id.parse().map_err(|_| reader.error_page(&Failure::not_found()))?;
    let decision = match form.decision.as_str() {
        "link" => LinkDecision::Link,
        "separate" => LinkDecision::Separate,
        _ => return list_page(&reader, None, Some("Choose whether the two records are one person's.")).await,
    };
    if form.reason.trim().is_empty() {
        return list_page(&reader, None, Some("Enter a reason for the decision.")).await;
    }
    let decision = DecideReview { decision, reason: form.reason };
    let result = reader.app.deps.patient_index.decide_review(&reader.caller(), id, decision).await;
    result.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    Ok(Redirect::to("/reviews").into_response())
}

async fn list_page(reader: &SignedInReader, after: Option<Uuid>, problem: Option<&str>) -> Result<Response, ErrorPage> {
    let deps = &reader.app.deps;
    let page = deps.patient_index.reviews(&reader.caller(), after).await;
    let page = page.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    let registry = crate::access_log::officer_person_page::load_registry(reader).await;
    let name = |source: &lcr_model::SourceId| {
        let system = registry.system(source);
        system.map_or_else(|| source.to_string(), |system| system.name.clone())
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let template = ReviewsPage {
        layout: reader.layout("Reviews", Nav::Reviews).with_problem(problem.is_some()),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        reviews: review_lines(&page.reviews, name),
        not_shown: page.not_shown,
        next: page.after,
        problem: problem.map(str::to_owned),
    };
    Ok(html(status, &template))
}
