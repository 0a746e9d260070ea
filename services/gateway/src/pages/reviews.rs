//! Reviews for data stewards: records of one NHS number that may be two people's, side by side, with a form to decide.
//! It works without script. Patient-index says who may, and records the decision.

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
    form::Posted,
    page::{Frame, Nav, html},
    session::SignedInReader,
    trouble::{Trouble, keeper_is_down},
    view::reviews::{ReviewLine, lines},
};

#[derive(Template)]
#[template(path = "reviews.html")]
struct ReviewsPage {
    frame: Frame,
    form_token: String,
    reviews: Vec<ReviewLine>,
    /// Reviews about people this reader may not be shown.
    not_shown: u32,
    next: Option<Uuid>,
    problem: Option<String>,
}

/// Which page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct After {
    after: Option<Uuid>,
}

/// A decision as it was sent.
#[derive(Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn list(reader: SignedInReader, Query(page): Query<After>) -> Result<Response, Trouble> {
    show(&reader, page.after, None).await
}

pub(crate) async fn decide(
    Path(id): Path<String>,
    Posted { reader, form }: Posted<Fields>,
) -> Result<Response, Trouble> {
    let id: Uuid = id.parse().map_err(|_| reader.fails(&Failure::not_found()))?;
    let decision = match form.decision.as_str() {
        "link" => LinkDecision::Link,
        "separate" => LinkDecision::Separate,
        _ => return show(&reader, None, Some("Choose whether the two records are one person's.")).await,
    };
    if form.reason.trim().is_empty() {
        return show(&reader, None, Some("Enter a reason for the decision.")).await;
    }
    let decision = DecideReview { decision, reason: form.reason };
    let decided = reader.app.deps.patient_index.decide_review(&reader.caller(), id, decision).await;
    decided.map_err(|failure| reader.fails(&keeper_is_down(failure)))?;
    Ok(Redirect::to("/reviews").into_response())
}

async fn show(
    reader: &SignedInReader,
    after: Option<Uuid>,
    problem: Option<&str>,
) -> Result<Response, Trouble> {
    let deps = &reader.app.deps;
    let page = deps.patient_index.reviews(&reader.caller(), after).await;
    let page = page.map_err(|failure| reader.fails(&keeper_is_down(failure)))?;
    let registry = super::log::registry(reader).await;
    let name = |source: &lcr_model::SourceId| {
        let system = registry.systems.iter().find(|system| system.id == *source);
        system.map_or_else(|| source.to_string(), |system| system.name.clone())
    };
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let shown = ReviewsPage {
        frame: reader.frame("Reviews", Nav::Reviews),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        reviews: lines(&page.reviews, name),
        not_shown: page.not_shown,
        next: page.after,
        problem: problem.map(str::to_owned),
    };
    Ok(html(status, &shown))
}
