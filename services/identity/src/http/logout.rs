//! Signing out at the provider: a browser is sent there after it signed out here, and a provider tells us that its user signed out.
//! A logout token that is not valid must end nothing.

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use lcr_contracts::{Failure, events::SessionEnded};
use lcr_model::{Phi, UserId};
use lcr_store::Store;
use lcr_web::{
    Problem,
    cookies::{self, PROVIDER_COOKIE},
    extract::Params,
};
use sea_orm::{DatabaseTransaction, DbErr};
use serde::Deserialize;

use super::{SharedService, sign_in::redirect};
use crate::{
    oidc::logout,
    providers,
    store::{client, provider_session, user},
};

#[derive(Deserialize)]
pub struct SignOutQuery {
    provider: Option<String>,
}

/// Sends a browser that has signed out here to its provider's own sign-out, if there is one. A link of another site must not lead
/// a browser through ours to a provider that it never used.
pub async fn sign_out(
    State(service): State<SharedService>,
    headers: HeaderMap,
    Params(query): Params<SignOutQuery>,
) -> Result<Response, Problem> {
    let start = format!("{}/", service.public_origin);
    let Some(name) = used_provider(query.provider, &headers) else { return redirect(&start, &[]) };
    let done = [cookies::clear(PROVIDER_COOKIE)];
    let Some(provider) = providers::find_named(&service, &name).await? else { return redirect(&start, &done) };
    let address = logout::address(&provider, &service.public_origin, service.clock.now()).await?;
    redirect(&address.unwrap_or(start), &done)
}

/// The provider that the link names, if it is the one where this browser signed in.
fn used_provider(named: Option<String>, headers: &HeaderMap) -> Option<String> {
    named.filter(|name| cookies::value_of(headers, PROVIDER_COOKIE).as_ref() == Some(name))
}

#[derive(Deserialize)]
pub struct LogoutForm {
    logout_token: Phi<String>,
}

/// `OpenID` Connect Back-Channel Logout 1.0, section 2.5: ends the sessions that the token names, in the write that publishes their
/// ends.
pub async fn back_channel(
    State(service): State<SharedService>,
    Path(name): Path<String>,
    form: Result<Form<LogoutForm>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(form) = form.map_err(|_| Failure::bad_request("The logout request is not readable."))?;
    let provider = providers::find_named(&service, &name).await?.ok_or_else(Failure::not_found)?;
    let now = service.clock.now();
    let token = logout::verify(&provider, form.logout_token.as_ref(), now).await?;
    let issuer = provider.issuer().to_owned();
    let expires = Timestamp::from_second(token.expires).map_err(Failure::internal)?;
    let uses = service.data_keys.hash_names(&format!("logout/{issuer}/{}", token.jti));
    let hashes = token.subject.map(|subject| service.data_keys.hash_names(&format!("{issuer}\u{0}{subject}")));
    let write = service.store.write(async move |tx| {
        // In the same write: a token whose sessions could not be ended must be good for another try.
        if !client::record_first_use(&tx, &uses, expires, now).await? {
            return Ok(false);
        }
        let by_sid = match &token.sid {
            Some(sid) => provider_session::end_by_sid(&tx, &issuer, sid, now).await?,
            None => vec![],
        };
        // A session whose ID token named no `sid` is found by its user.
        let ended = match hashes {
            Some(hashes) if by_sid.is_empty() => end_by_subject(&tx, &issuer, &hashes, now).await?,
            _ => by_sid,
        };
        Store::publish(&tx, now, &ended).await.map(|()| true)
    });
    if !write.await.map_err(Failure::from)? {
        return Err(Failure::bad_request("The logout token was used before.").into());
    }
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response())
}

async fn end_by_subject(
    tx: &DatabaseTransaction,
    issuer: &str,
    hashes: &[String],
    now: Timestamp,
) -> Result<Vec<SessionEnded>, DbErr> {
    let Some(id) = user::find(tx, hashes).await? else { return Ok(vec![]) };
    provider_session::end_by_user(tx, issuer, &UserId::new(id), now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_out_leads_only_to_the_provider_of_this_browser() {
        let mut headers = HeaderMap::new();
        let used = |headers: &HeaderMap, name: &str| used_provider(Some(name.to_owned()), headers);
        assert_eq!(used(&headers, "p-1"), None, "it signed in nowhere");
        headers.insert(header::COOKIE, HeaderValue::from_static("__Host-lcr-provider=p-1"));
        assert_eq!(used(&headers, "p-1").as_deref(), Some("p-1"));
        assert_eq!((used(&headers, "p-2"), used_provider(None, &headers)), (None, None));
    }
}
