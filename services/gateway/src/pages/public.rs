//! Pages for everybody, signed in or not: what this is, accessibility, and nothing found. They hold no data.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use crate::{
    page::{Frame, html},
    state::App,
    trouble::trouble_page,
};

#[derive(Template)]
#[template(path = "public.html")]
struct StartPage {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct AccessibilityPage {
    frame: Frame,
}

pub(crate) async fn start(State(app): State<App>) -> Response {
    html(StatusCode::OK, &StartPage { frame: Frame::new(&app, "What it is") })
}

pub(crate) async fn accessibility(State(app): State<App>) -> Response {
    html(StatusCode::OK, &AccessibilityPage { frame: Frame::new(&app, "Accessibility") })
}

pub(crate) async fn not_found(State(app): State<App>) -> Response {
    axum::response::IntoResponse::into_response(trouble_page(
        Frame::new(&app, ""),
        &lcr_contracts::Failure::new(lcr_contracts::Kind::NotFound, crate::trouble::NO_PAGE),
    ))
}
