//! Choosing who to be. A hint may put somebody first, but a person always chooses: a link alone must never
//! sign anybody in. There is no session here to end, so signing out only leads back.

use std::sync::Arc;
use std::time::Instant;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::claims::CLIENT_ID;
use crate::codes::Grant;
use crate::keys;
use crate::personas::{self, ORGANISATIONS, Persona, personas};
use crate::provider::Provider;

/// An authorisation request, by link or by the page's own form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
    login_hint: String,
    /// The tile that was chosen.
    persona: String,
}

/// Why a request is refused: told here when nobody can be trusted to be told, else to the platform.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    Here(&'static str),
    There(&'static str, &'static str),
}

#[derive(Template)]
#[template(path = "choose.html")]
struct Choose<'a> {
    asked: &'a Asked,
    hinted: Option<&'static Persona>,
    groups: Vec<(&'static str, Vec<&'static Persona>)>,
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    title: &'a str,
    words: &'a str,
}

pub(crate) async fn page(State(provider): State<Arc<Provider>>, Query(asked): Query<Asked>) -> Response {
    if let Err(refusal) = check(&provider, &asked) {
        return refuse(&provider, &asked, &refusal);
    }
    let at = |ods: &str| {
        personas().iter().filter(|one| one.org == ods && one.kind != "client").collect::<Vec<_>>()
    };
    let groups =
        ORGANISATIONS.iter().map(|(ods, name)| (*name, at(ods))).filter(|(_, all)| !all.is_empty()).collect();
    let choose = Choose { asked: &asked, hinted: personas::human(&asked.login_hint), groups };
    html(&provider, StatusCode::OK, &choose)
}

pub(crate) async fn choose(State(provider): State<Arc<Provider>>, Form(asked): Form<Asked>) -> Response {
    if let Err(refusal) = check(&provider, &asked) {
        return refuse(&provider, &asked, &refusal);
    }
    let Some(persona) = personas::human(&asked.persona) else {
        return refuse(&provider, &asked, &Refusal::Here("nobody of that name"));
    };
    let Some(code) = keys::random() else {
        return refuse(&provider, &asked, &Refusal::There("server_error", "no randomness"));
    };
    let grant = Grant {
        persona,
        nonce: (!asked.nonce.is_empty()).then(|| asked.nonce.clone()),
        challenge: asked.code_challenge.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        chosen_at: jiff::Timestamp::now().as_second(),
    };
    provider.codes.put(code.clone(), grant, Instant::now());
    back(&provider, &[("code", &code), ("state", &asked.state), ("iss", &provider.issuer)])
}

fn check(provider: &Provider, asked: &Asked) -> Result<(), Refusal> {
    if asked.client_id != CLIENT_ID {
        return Err(Refusal::Here("unknown client"));
    }
    if asked.redirect_uri != provider.redirect_uri() {
        return Err(Refusal::Here("this is not the platform's address to return to"));
    }
    if asked.response_type != "code" {
        return Err(Refusal::There("unsupported_response_type", "only the code flow"));
    }
    if !asked.scope.split(' ').any(|one| one == "openid") {
        return Err(Refusal::There("invalid_scope", "openid is required"));
    }
    if asked.code_challenge_method != "S256" || asked.code_challenge.len() != 43 {
        return Err(Refusal::There("invalid_request", "PKCE with S256 is required"));
    }
    Ok(())
}

fn refuse(provider: &Provider, asked: &Asked, refusal: &Refusal) -> Response {
    match refusal {
        Refusal::Here(words) => {
            html(provider, StatusCode::BAD_REQUEST, &Message { title: "Not possible", words })
        }
        Refusal::There(error, words) => {
            back(provider, &[("error", error), ("error_description", words), ("state", &asked.state)])
        }
    }
}

/// Back to the platform, never anywhere else.
fn back(provider: &Provider, pairs: &[(&str, &str)]) -> Response {
    let Ok(mut url) = reqwest::Url::parse(&provider.redirect_uri()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    url.query_pairs_mut().extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    Redirect::to(url.as_str()).into_response()
}

fn html(provider: &Provider, status: StatusCode, page: &impl Template) -> Response {
    let Ok(text) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    // Browsers hold the redirect after a form to form-action too, so the platform is named.
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {}; frame-ancestors 'none'; base-uri 'none'",
        provider.platform
    );
    (status, [(header::CONTENT_SECURITY_POLICY, policy)], Html(text)).into_response()
}

pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../assets/style.css")).into_response()
}

#[derive(Debug, Deserialize)]
pub(crate) struct Leaving {
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

pub(crate) async fn logout(
    State(provider): State<Arc<Provider>>,
    Query(leaving): Query<Leaving>,
) -> Response {
    let wanted = leaving.post_logout_redirect_uri.and_then(|text| reqwest::Url::parse(&text).ok());
    let platform = reqwest::Url::parse(&provider.platform).ok();
    match (wanted, platform) {
        (Some(mut url), Some(platform)) if url.origin() == platform.origin() => {
            url.query_pairs_mut().extend_pairs(leaving.state.map(|state| ("state", state)));
            Redirect::to(url.as_str()).into_response()
        }
        _ => html(
            &provider,
            StatusCode::OK,
            &Message { title: "You have signed out", words: "You can close this page." },
        ),
    }
}
