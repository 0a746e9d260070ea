//! The end of a sign-in: a verified user gets a session, a choice between their roles, or the form that asks for access. Nobody
//! gets a session in a role that neither their provider nor their organisation states.

use axum::{http::HeaderMap, response::Response};
use lcr_contracts::{Failure, Identity as _};
use lcr_model::Phi;
use lcr_web::{
    Problem,
    cookies::{self, APPLICANT_COOKIE, PROVIDER_COOKIE, ROLE_COOKIE},
};

use super::{SharedService, sign_in::redirect};
use crate::{
    domain,
    oidc::{
        applicant::{self, APPLICANT_SECONDS, ApplicantIdentity},
        callback::{IdTokenClaims, VerifiedUser},
        provider::Provider,
        refusal::SignInRefusal,
        role_choice::{self, CHOICE_SECONDS, PendingSignIn},
    },
    service::{SessionResult, SessionStart},
};

/// The portal's page with the roles to choose from.
const CHOICE_PAGE: &str = "/sign-in/role";
/// The portal's page that asks for access.
const APPLICANT_PAGE: &str = "/access-request";
const SIGN_IN_PAGE: &str = "/sign-in";

/// Ends the sign-in of a verified user. `done` deletes the cookie of the sign-in.
pub(super) async fn finish(
    service: &SharedService,
    headers: &HeaderMap,
    provider: &Provider,
    mut user: VerifiedUser,
    return_to: String,
    done: String,
) -> Result<Response, Problem> {
    if user.candidates.len() > 1 {
        let sealed = role_choice::seal(&service.data_keys, PendingSignIn { user, return_to }, service.clock.now())?;
        let choice = cookies::set(ROLE_COOKIE, &sealed, Some(CHOICE_SECONDS));
        return redirect(&format!("{}{CHOICE_PAGE}", service.public_origin), &[choice, done]);
    }
    let claims = if let Some(candidate) = user.candidates.pop() {
        user.in_role(candidate)
    } else {
        // Their organisation's directory may know their role.
        let org = user.org.clone().ok_or_else(|| SignInRefusal::NoRole.failure())?;
        user.without_role(org)
    };
    begin_session(service, headers, provider, claims, (&return_to, done)).await
}

/// Begins the session and sends the browser to its page.
pub(super) async fn begin_session(
    service: &SharedService,
    headers: &HeaderMap,
    provider: &Provider,
    claims: IdTokenClaims,
    (return_to, done): (&str, String),
) -> Result<Response, Problem> {
    let now = service.clock.now();
    let applicant = ApplicantIdentity {
        issuer: claims.issuer.clone(),
        subject: claims.subject.clone(),
        name: claims.name.clone(),
        user_name: claims.user_name.clone(),
        org: claims.org.clone(),
    };
    let start = SessionStart::after_sign_in(claims.auth_time, now);
    let (actor, secret) = match service.try_begin_session(claims, start).await? {
        SessionResult::Begun(actor, secret) => (actor, secret),
        SessionResult::Refused(SignInRefusal::NoRole) => {
            let sealed = applicant::seal(&service.data_keys, &applicant, now)?;
            let asks = cookies::set(APPLICANT_COOKIE, &sealed, Some(APPLICANT_SECONDS));
            return redirect(&format!("{}{APPLICANT_PAGE}", service.public_origin), &[asks, done]);
        }
        SessionResult::Refused(refusal) => return refuse(service, refusal, &[done]),
    };
    // End the browser's previous session, because its cookie is about to be replaced.
    if let Some(former) = cookies::value_of(headers, cookies::SESSION_COOKIE) {
        service.end_session(&Phi::new(former)).await?;
    }
    let session = cookies::set(cookies::SESSION_COOKIE, secret.as_ref(), None);
    let to = if domain::is_patient(actor.role) && return_to == "/home" { "/my-record" } else { return_to };
    let mut set_cookies = vec![session, done];
    set_cookies.extend(provider_cookie(service, headers, provider).await);
    redirect(&format!("{}{to}", service.public_origin), &set_cookies)
}

/// Remembers where the user can sign out too. A provider that does not answer is none: it must not stop a sign-in.
async fn provider_cookie(service: &SharedService, headers: &HeaderMap, provider: &Provider) -> Option<String> {
    let endpoint = provider.end_session_endpoint(service.clock.now()).await.ok().flatten();
    match endpoint {
        Some(_) => Some(cookies::set(PROVIDER_COOKIE, &provider.name(), None)),
        None => cookies::value_of(headers, PROVIDER_COOKIE).map(|_| cookies::clear(PROVIDER_COOKIE)),
    }
}

/// Sends the browser to the sign-in page, which says why nobody was signed in.
pub(super) fn refuse(
    service: &SharedService,
    refusal: SignInRefusal,
    set_cookies: &[String],
) -> Result<Response, Problem> {
    tracing::info!(reason = refusal.as_str(), "a sign-in was refused");
    redirect(&format!("{}{SIGN_IN_PAGE}?refused={}", service.public_origin, refusal.as_str()), set_cookies)
}

/// The failure of a form that came back without its sign-in.
pub(super) fn ran_out() -> Failure {
    crate::oidc::callback::refused("the choice of a role ran out")
}
