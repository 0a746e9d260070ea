//! The public pages: what the record is, accessibility, and "no such page". They must hold no patient data.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    layout::{Layout, html},
    rules::policy::{PolicyInForce, policy_in_force},
    state::App,
    web::error_page::{error_page, no_such_page},
};

#[derive(Template)]
#[template(path = "public.html")]
struct StartPage {
    layout: Layout,
    policy: PolicyInForce,
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct AccessibilityPage {
    layout: Layout,
}

pub(crate) async fn start(State(app): State<App>) -> Response {
    let policy = policy_in_force(&app.deps).await;
    html(StatusCode::OK, &StartPage { layout: Layout::new(&app, "What it is"), policy })
}

pub(crate) async fn accessibility(State(app): State<App>) -> Response {
    html(StatusCode::OK, &AccessibilityPage { layout: Layout::new(&app, "Accessibility") })
}

pub(crate) async fn not_found(State(app): State<App>) -> Response {
    error_page(Layout::new(&app, ""), &no_such_page()).into_response()
}
