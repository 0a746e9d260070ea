//! The authorization endpoint and sign-out. A `login_hint` only puts a persona first: a link alone must never sign
//! anybody in. The provider keeps no session, so sign-out only redirects to the platform.

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
use crate::personas::{self, ORGANISATIONS, Persona};
use crate::provider::Provider;

/// The parameters of an authorization request, from a link or from the page's own form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuthorizeRequest {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
    login_hint: String,
    /// The persona whose button was pressed.
    persona: String,
    /// The launch that the record system began. Its user is signed in there already, so no page asks who they are.
    launch: String,
}

/// Why a request is refused. The answer goes to the platform only if the client and its redirect address are known.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    OnPage(&'static str),
    ToPlatform(&'static str, &'static str),
}

#[derive(Template)]
#[template(path = "choose.html")]
struct ChoosePage<'a> {
    request: &'a AuthorizeRequest,
    hinted: Option<&'static Persona>,
    groups: Vec<(&'static str, Vec<&'static Persona>)>,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    title: &'a str,
    text: &'a str,
}

pub(crate) async fn show_choices(
    State(provider): State<Arc<Provider>>,
    Query(request): Query<AuthorizeRequest>,
) -> Response {
    if let Err(refusal) = validate(&provider, &request) {
        return refuse(&provider, &request, &refusal);
    }
    if !request.launch.is_empty() {
        return follow_launch(&provider, &request);
    }
    let members = |ods: &str| personas::people().filter(|persona| persona.org == ods).collect::<Vec<_>>();
    let groups =
        ORGANISATIONS.iter().map(|(ods, name)| (*name, members(ods))).filter(|(_, all)| !all.is_empty()).collect();
    let page = ChoosePage { request: &request, hinted: personas::find_person(&request.login_hint), groups };
    render(&provider, StatusCode::OK, &page)
}

pub(crate) async fn submit_choice(
    State(provider): State<Arc<Provider>>,
    Form(request): Form<AuthorizeRequest>,
) -> Response {
    if let Err(refusal) = validate(&provider, &request) {
        return refuse(&provider, &request, &refusal);
    }
    let Some(persona) = personas::find_person(&request.persona) else {
        return refuse(&provider, &request, &Refusal::OnPage("there is no such persona"));
    };
    send_code(&provider, &request, persona, None)
}

/// Signs in the user who began a launch in their record system (SMART App Launch, "EHR launch").
fn follow_launch(provider: &Provider, request: &AuthorizeRequest) -> Response {
    let has_scope = request.scope.split(' ').any(|one| one == "launch");
    match provider.launches.take(&request.launch, Instant::now()).filter(|_| has_scope) {
        Some(open) => send_code(provider, request, open.persona, Some(open.patient)),
        None => refuse(provider, request, &Refusal::ToPlatform("invalid_request", "this launch is unknown or used")),
    }
}

fn send_code(
    provider: &Provider,
    request: &AuthorizeRequest,
    persona: &'static Persona,
    patient: Option<String>,
) -> Response {
    let Some(code) = keys::random_token() else {
        return refuse(provider, request, &Refusal::ToPlatform("server_error", "no randomness"));
    };
    let grant = Grant {
        persona,
        nonce: (!request.nonce.is_empty()).then(|| request.nonce.clone()),
        challenge: request.code_challenge.clone(),
        redirect_uri: request.redirect_uri.clone(),
        chosen_at: jiff::Timestamp::now().as_second(),
        patient,
    };
    provider.codes.put(code.clone(), grant, Instant::now());
    redirect_to_platform(provider, &[("code", &code), ("state", &request.state), ("iss", &provider.issuer)])
}

fn validate(provider: &Provider, request: &AuthorizeRequest) -> Result<(), Refusal> {
    if request.client_id != CLIENT_ID {
        return Err(Refusal::OnPage("unknown client"));
    }
    if request.redirect_uri != provider.redirect_uri() {
        return Err(Refusal::OnPage("this is not the platform's address to return to"));
    }
    if request.response_type != "code" {
        return Err(Refusal::ToPlatform("unsupported_response_type", "only the code flow"));
    }
    if !request.scope.split(' ').any(|one| one == "openid") {
        return Err(Refusal::ToPlatform("invalid_scope", "openid is required"));
    }
    if request.code_challenge_method != "S256" || request.code_challenge.len() != 43 {
        return Err(Refusal::ToPlatform("invalid_request", "PKCE with S256 is required"));
    }
    Ok(())
}

fn refuse(provider: &Provider, request: &AuthorizeRequest, refusal: &Refusal) -> Response {
    match refusal {
        Refusal::OnPage(text) => {
            render(provider, StatusCode::BAD_REQUEST, &MessagePage { title: "Not possible", text })
        }
        Refusal::ToPlatform(error, text) => {
            redirect_to_platform(provider, &[("error", error), ("error_description", text), ("state", &request.state)])
        }
    }
}

/// Redirects to the platform's callback, never to another address.
fn redirect_to_platform(provider: &Provider, pairs: &[(&str, &str)]) -> Response {
    let Ok(mut url) = reqwest::Url::parse(&provider.redirect_uri()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    url.query_pairs_mut().extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    Redirect::to(url.as_str()).into_response()
}

fn render(provider: &Provider, status: StatusCode, page: &impl Template) -> Response {
    let Ok(text) = page.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    // Browsers apply form-action to the redirect that follows a form too, so the platform must be listed.
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
pub(crate) struct LogoutRequest {
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

pub(crate) async fn logout(State(provider): State<Arc<Provider>>, Query(request): Query<LogoutRequest>) -> Response {
    let wanted = request.post_logout_redirect_uri.and_then(|text| reqwest::Url::parse(&text).ok());
    let platform = reqwest::Url::parse(&provider.platform).ok();
    match (wanted, platform) {
        (Some(mut url), Some(platform)) if url.origin() == platform.origin() => {
            url.query_pairs_mut().extend_pairs(request.state.map(|state| ("state", state)));
            Redirect::to(url.as_str()).into_response()
        }
        _ => render(
            &provider,
            StatusCode::OK,
            &MessagePage { title: "You have signed out", text: "You can close this page." },
        ),
    }
}
