//! Choosing where to sign in, and signing out. Sign-in itself is the organisation's own provider, by way of
//! identity; this page never asks for a password.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::identity::Registry;
use serde::Deserialize;

use crate::{
    form::Posted,
    page::{Frame, html},
    session::{CLEARED, return_path},
    state::App,
    view::words::{capital, in_query},
};

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(rename = "return")]
    back: Option<String>,
    ended: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    ended: bool,
    to: String,
    /// Organisations by kind: (kind, (name, where to)).
    organisations: Vec<(String, Vec<(String, String)>)>,
}

pub(crate) async fn choose(State(app): State<App>, Query(asked): Query<Asked>) -> Response {
    let back = asked.back.as_deref().and_then(return_path).unwrap_or("/home");
    let to = format!("/auth/sign-in?return={}", in_query(back));
    // Without the registry people can still sign in; only the choice is missing.
    let registry = app.deps.identity.registry().await.unwrap_or_default();
    let page = SignInPage {
        frame: Frame::new(&app, "Sign in"),
        ended: asked.ended.is_some(),
        organisations: organisations(&registry, &to),
        to,
    };
    html(StatusCode::OK, &page)
}

/// Links, not a form: the way leads to another site, which a form of ours may not.
fn organisations(registry: &Registry, to: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut kinds: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for one in registry.organisations.iter().filter(|one| one.agreement_signed) {
        let href = format!("{to}&organisation={}", in_query(one.ods.as_str()));
        kinds.entry(kind(&one.kind)).or_default().push((one.name.clone(), href));
    }
    for all in kinds.values_mut() {
        all.sort();
    }
    kinds.into_iter().collect()
}

fn kind(kind: &str) -> String {
    match kind {
        "gp-practice" => "GP practices".into(),
        "acute" => "Hospitals".into(),
        other => capital(&other.replace('-', " ")),
    }
}

#[derive(Deserialize)]
pub(crate) struct Nothing {}

pub(crate) async fn sign_out(Posted { reader, form: Nothing {} }: Posted<Nothing>) -> Response {
    reader.app.searches.forget(reader.session()).await;
    let ended = reader.app.deps.identity.end_session(&reader.secret).await;
    if let Err(failure) = ended {
        return reader.fails(&failure).into_response();
    }
    ([(header::SET_COOKIE, CLEARED)], Redirect::to("/")).into_response()
}
