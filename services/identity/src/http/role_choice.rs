//! The form in which a user with several roles chooses one. Only a role of the verified sign-in in the cookie can be chosen, only
//! once, and only from our own page.

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::HeaderMap,
    response::Response,
};
use lcr_contracts::Failure;
use lcr_model::Phi;
use lcr_web::{
    Problem,
    cookies::{self, ROLE_COOKIE},
};
use serde::Deserialize;

use super::{SharedService, signed_in};
use crate::{
    oauth2,
    oidc::role_choice::{self, CHOICE_SECONDS},
    providers,
    service::Service,
};

#[derive(Deserialize)]
pub struct ChoiceForm {
    choice: String,
    form_token: Phi<String>,
}

/// Binds the form to the cookie.
pub fn form_token(service: &Service, sealed: &str) -> String {
    service.data_keys.hash_name(&format!("role-choice/{sealed}"))
}

pub async fn choose(
    State(service): State<SharedService>,
    headers: HeaderMap,
    form: Result<Form<ChoiceForm>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(form) = form.map_err(|_| Failure::bad_request("Choose one of your roles."))?;
    let sealed = cookies::value_of(&headers, ROLE_COOKIE).ok_or_else(signed_in::ran_out)?;
    // Comparing hashes takes the same time wherever the tokens differ.
    let keys = &service.data_keys;
    if keys.hash_name(form.form_token.as_ref()) != keys.hash_name(&form_token(&service, &sealed)) {
        return Err(Failure::forbidden("This form did not come from an open page of yours. Sign in again.").into());
    }
    let now = service.clock.now();
    let pending = role_choice::open(keys, &sealed, now).ok_or_else(signed_in::ran_out)?;
    let candidate = form.choice.parse().ok().and_then(|at: usize| pending.user.candidates.get(at).cloned());
    let candidate = candidate.ok_or_else(|| Failure::bad_request("Choose one of your roles."))?;
    let provider = providers::find(&service, &pending.user.issuer).await?.ok_or_else(signed_in::ran_out)?;
    // The provider may have changed while the user chose.
    if !provider.may_vouch_for(&candidate) {
        return Err(signed_in::ran_out().into());
    }
    // A copy of the cookie must not open a second session, such as after the user signed out.
    if !oauth2::use_once(&service, &format!("role-choice/{sealed}"), now.as_second() + CHOICE_SECONDS).await? {
        return Err(signed_in::ran_out().into());
    }
    let done = cookies::clear(ROLE_COOKIE);
    let claims = pending.user.in_role(candidate);
    signed_in::begin_session(&service, &headers, &provider, claims, (&pending.return_to, done)).await
}
