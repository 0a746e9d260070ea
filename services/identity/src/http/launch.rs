//! The two redirects of a SMART launch. They differ from a sign-in in what they ask of the provider and in where they end: at
//! the portal's own launch page, which finds the person. A refusal must say nothing of its reason.

use axum::{extract::State, http::HeaderMap, response::Response};
use lcr_contracts::{Failure, FailureKind, identity::LaunchTicket};
use lcr_model::Phi;
use lcr_web::{
    Problem,
    cookies::{CookieScope, LAUNCH_COOKIE},
    extract::Params,
};

use super::{SharedService, sign_in};
use crate::{
    launch::{refused, smart, ticket::TICKET_SECONDS},
    oidc::{
        authorize::{self, SignInRequest},
        callback::VerifiedUser,
        launch_context::{LaunchQuery, SmartLaunch},
    },
};

/// The portal's page that opens the person of a launch.
const OPEN_PAGE: &str = "/launch/open";
/// The portal's page that says that a launch was refused.
const REFUSED_PAGE: &str = "/launch/refused";

pub async fn begin(
    State(service): State<SharedService>,
    headers: HeaderMap,
    Params(query): Params<LaunchQuery>,
) -> Result<Response, Problem> {
    let (provider, launch) = match smart::find(&service, &query).await {
        Ok(found) => found,
        Err(failure) => return refused_page(&service, failure, &[]),
    };
    let now = service.clock.now();
    let request =
        SignInRequest { return_to: OPEN_PAGE.to_owned(), launch: Some((query, launch)), ..SignInRequest::default() };
    let (url, login) = authorize::begin(&provider, request, now).await?;
    sign_in::redirect_to_provider(&service, &headers, &url, login)
}

/// Begins the session, and sends the browser to the page that opens the person. `done` deletes the cookie of the sign-in.
pub(super) async fn finish(
    service: &SharedService,
    launch: SmartLaunch,
    user: VerifiedUser,
    patient: Option<Phi<String>>,
    done: String,
) -> Result<Response, Problem> {
    let Some(claims) = smart::in_launched_role(user, &launch) else {
        return refuse(service, "no role that may be launched at the source's organisation", done);
    };
    match smart::finish(service, launch, claims, patient.map(Phi::into_inner)).await {
        Ok(LaunchTicket { sealed, framed }) => {
            let ticket = CookieScope::of_frame(framed).set(LAUNCH_COOKIE, sealed.as_ref(), Some(TICKET_SECONDS));
            sign_in::redirect(&format!("{}{OPEN_PAGE}", service.public_origin), &[ticket, done])
        }
        Err(failure) => refused_page(service, failure, &[done]),
    }
}

/// Says that the launch was refused. The reason goes to the log alone.
pub(super) fn refuse(service: &SharedService, reason: &'static str, done: String) -> Result<Response, Problem> {
    refused_page(service, refused(reason), &[done])
}

fn refused_page(service: &SharedService, failure: Failure, set_cookies: &[String]) -> Result<Response, Problem> {
    if failure.kind != FailureKind::Forbidden {
        return Err(failure.into());
    }
    sign_in::redirect(&format!("{}{REFUSED_PAGE}", service.public_origin), set_cookies)
}
