//! The page to choose an organisation to sign in with, and sign-out. Identity sends the reader on to the organisation's
//! own provider. This page must never ask for a password.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{registry::Registry, vocabulary::OrganisationKind};
use serde::Deserialize;

use crate::{
    layout::{
        Layout,
        format::{capitalise, encode_query_value},
        html,
    },
    state::App,
    web::{csrf::CsrfForm, session::safe_return_path},
};

#[derive(Deserialize)]
pub(crate) struct SignInQuery {
    #[serde(rename = "return")]
    back: Option<String>,
    /// Present if a session has ended.
    ended: Option<String>,
    /// Present if the reader must prove anew who they are.
    again: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    layout: Layout,
    ended: bool,
    to: String,
    /// Organisations by kind: (kind, list of (name, href)).
    organisations: Vec<(String, Vec<(String, String)>)>,
}

pub(crate) async fn choose_organisation(State(app): State<App>, Query(query): Query<SignInQuery>) -> Response {
    let back = query.back.as_deref().and_then(safe_return_path).unwrap_or("/home");
    let again = if query.again.is_some() { "&again=1" } else { "" };
    let to = format!("/auth/sign-in?return={}{again}", encode_query_value(back));
    // Without the registry readers can still sign in, only without the list of organisations.
    let registry = app.deps.identity.registry().await.unwrap_or_default();
    let page = SignInPage {
        layout: Layout::new(&app, "Sign in"),
        ended: query.ended.is_some(),
        organisations: organisation_links(&registry, &to),
        to,
    };
    html(StatusCode::OK, &page)
}

/// These are links because `form-action 'self'` would stop a form's redirect to another site.
fn organisation_links(registry: &Registry, to: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut kinds: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    // Staff of a service that is never named use the first link.
    for organisation in registry.nameable().filter(|organisation| organisation.agreement_signed) {
        let href = format!("{to}&organisation={}", encode_query_value(organisation.ods.as_str()));
        kinds.entry(kind_heading(&organisation.kind)).or_default().push((organisation.name.clone(), href));
    }
    for links in kinds.values_mut() {
        links.sort();
    }
    kinds.into_iter().collect()
}

fn kind_heading(kind: &OrganisationKind) -> String {
    match kind {
        OrganisationKind::GpPractice => "GP practices".into(),
        OrganisationKind::Acute => "Hospitals".into(),
        other => capitalise(&other.as_str().replace('-', " ")),
    }
}

#[derive(Deserialize)]
pub(crate) struct NoFields {}

pub(crate) async fn sign_out(CsrfForm { reader, form: NoFields {} }: CsrfForm<NoFields>) -> Response {
    reader.app.search_cache.forget_session(reader.session()).await;
    reader.app.recent_people.forget_session(reader.session()).await;
    let ended = reader.app.deps.identity.end_session(&reader.secret).await;
    if let Err(failure) = ended {
        return reader.error_page(&failure).into_response();
    }
    let scope = reader.cookie_scope();
    ([(header::SET_COOKIE, scope.clear(scope.session_cookie()))], Redirect::to("/")).into_response()
}
