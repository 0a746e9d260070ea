//! The page to choose an organisation to sign in with, and sign-out. Identity sends the reader on to the organisation's
//! own provider. This page must never ask for a password.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{registry::Registry, vocabulary::OrganisationKind};
use lcr_web::cookies::{self, PROVIDER_COOKIE};
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

/// The reasons of an ended session beside its age.
pub(crate) const ENDED_BY_SUSPENSION: &str = "suspended";
pub(crate) const ENDED_BY_LEAVING: &str = "left";

#[derive(Deserialize)]
pub(crate) struct SignInQuery {
    #[serde(rename = "return")]
    back: Option<String>,
    /// Present if a session has ended, with the reason if it was not its age.
    ended: Option<String>,
    /// Present if the reader must prove anew who they are.
    again: Option<String>,
    /// The assurance that is needed this time.
    acr: Option<String>,
    /// The name of the provider that was found for the reader's e-mail address.
    provider: Option<String>,
    /// Present if none was found.
    unknown: Option<String>,
    /// Why a sign-in was refused.
    refused: Option<String>,
    /// Present after a sign-out, with the name of the provider where the reader may still be signed in.
    #[serde(rename = "signed-out")]
    signed_out: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    layout: Layout,
    /// Why the session has ended, in a sentence.
    ended: Option<&'static str>,
    /// Why nobody was signed in, in a sentence.
    refused: Option<&'static str>,
    /// Where the reader signs out at their provider too.
    sign_out_there: Option<String>,
    /// Whether no provider was found for an e-mail address.
    unknown: bool,
    /// Whether a provider was found for it.
    found: bool,
    back: String,
    to: String,
    /// Organisations by kind: (kind, list of (name, href)).
    organisations: Vec<(String, Vec<(String, String)>)>,
}

pub(crate) async fn choose_organisation(State(app): State<App>, Query(query): Query<SignInQuery>) -> Response {
    let back = query.back.as_deref().and_then(safe_return_path).unwrap_or("/home");
    let again = if query.again.is_some() { "&again=1" } else { "" };
    let acr = query.acr.map(|acr| format!("&acr={}", encode_query_value(&acr))).unwrap_or_default();
    let plain = format!("/auth/sign-in?return={}{again}{acr}", encode_query_value(back));
    let provider = query.provider.filter(|name| is_provider_name(name));
    let to = provider.as_ref().map_or_else(|| plain.clone(), |name| format!("{plain}&provider={name}"));
    // Without the registry readers can still sign in, only without the list of organisations.
    let registry = app.deps.identity.registry().await.unwrap_or_default();
    let page = SignInPage {
        layout: Layout::new(&app, "Sign in").with_problem(query.unknown.is_some()),
        ended: query.ended.as_deref().map(ended_words),
        refused: query.refused.as_deref().and_then(refusal_words),
        sign_out_there: query
            .signed_out
            .filter(|name| is_provider_name(name))
            .map(|name| format!("/auth/sign-out?provider={name}")),
        unknown: query.unknown.is_some(),
        found: provider.is_some(),
        back: back.to_owned(),
        organisations: organisation_links(&registry, &plain),
        to,
    };
    html(StatusCode::OK, &page)
}

/// The names of providers in identity's addresses.
fn is_provider_name(name: &str) -> bool {
    let is_plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    (1..=40).contains(&name.len()) && is_plain
}

/// Why a session has ended, in words. A reason beyond the list reads as its age.
fn ended_words(reason: &str) -> &'static str {
    match reason {
        ENDED_BY_SUSPENSION => "Your organisation is suspended. You were signed out, and so was everybody else of it.",
        ENDED_BY_LEAVING => {
            "Your organisation has left the Leeds Care Record. You were signed out, and so was everybody else of it."
        }
        _ => "You were signed out after 15 minutes.",
    }
}

/// Identity's reasons for not signing somebody in, in words.
fn refusal_words(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "not-registered" => {
            "Your organisation does not take part in the Leeds Care Record yet. One of its administrators can register it: \
             they sign in here first."
        }
        "ended" => "Your organisation has ended your access. If that is wrong, ask its administrator.",
        "not-in-directory" => {
            "Your organisation's administrator has not added you yet. Ask them to, then sign in again."
        }
        "no-role" => "Your organisation's sign-in does not say what your role is. Ask its administrator.",
        "assurance" => {
            "This needs a stronger proof of who you are, such as your smartcard or security key. Sign in again with it."
        }
        "suspended" => {
            "Your organisation is suspended from the Leeds Care Record, so its staff cannot sign in. Ask its administrator."
        }
        "left" => "Your organisation has left the Leeds Care Record, so its staff cannot sign in.",
        "provider-changed" => "Your organisation has just changed how its staff sign in. Sign in again.",
        "not-proved" => {
            "Your NHS login has not fully proved who you are, so we cannot show a record. Prove your identity in the NHS App, \
             then sign in again."
        }
        _ => return None,
    })
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

/// Signs out here. A reader who signed in at a provider with a sign-out of its own is then told of it.
pub(crate) async fn sign_out(
    headers: HeaderMap,
    CsrfForm { reader, form: NoFields {} }: CsrfForm<NoFields>,
) -> Response {
    reader.app.search_cache.forget_session(reader.session()).await;
    reader.app.recent_people.forget_session(reader.session()).await;
    let ended = reader.app.deps.identity.end_session(&reader.secret).await;
    if let Err(failure) = ended {
        return reader.error_page(&failure).into_response();
    }
    let scope = reader.cookie_scope();
    let ended = (header::SET_COOKIE, scope.clear(scope.session_cookie()));
    // A form's redirect may not lead to another site, so the page has a link there.
    match cookies::value_of(&headers, PROVIDER_COOKIE).filter(|name| is_provider_name(name)) {
        // Identity follows the link only with the provider's cookie, and deletes it then.
        Some(name) => ([ended], Redirect::to(&format!("/sign-in?signed-out={name}"))).into_response(),
        None => ([ended], Redirect::to("/")).into_response(),
    }
}

#[cfg(test)]
#[path = "sign_in_page_tests.rs"]
mod tests;
