//! Launches: a partner's own system opens a patient for its signed-in user. A signed launch is a token of a registered
//! client (`token.rs`); a SMART launch is a sign-in at the partner's provider (`smart.rs`). Both end in a ticket (`ticket.rs`).
//! A launch must never name a user for whom its partner does not vouch, and no token may be accepted twice.

pub mod smart;
pub mod ticket;
mod token;

use lcr_auth::compact::signed_part;
use lcr_contracts::{
    Failure, FailureKind,
    identity::{LaunchPatient, LaunchTicket},
};
use lcr_model::Phi;

use self::token::{LaunchClaims, VerifiedLaunch};
use crate::{
    oauth2,
    oidc::callback::{ClaimsOrigin, IdTokenClaims},
    service::{Service, SessionStart},
    store::{self, client::entity::Model as Client},
};

/// The type in the header of a launch token. No other token of a client has it.
const TOKEN_TYPE: &str = "lcr-launch+jwt";
/// The longest token. A real one has a quarter of it.
const MAX_TOKEN_LENGTH: usize = 8 << 10;

/// The refusal of a launch. The reason goes to the log alone.
pub fn refused(reason: &'static str) -> Failure {
    tracing::warn!(reason, "a launch was refused");
    Failure::forbidden("Your system's request to open a patient was not accepted.").because(reason)
}

/// Verifies a launch token, accepts it once, and begins the user's session.
pub async fn accept(service: &Service, token: &str) -> Result<LaunchTicket, Failure> {
    let now = service.clock.now();
    let (client, claims) = verify_signature(service, token).await?;
    let launch = token::check(claims, &client, &service.public_origin, now).map_err(refused)?;
    if !oauth2::use_once(service, &format!("launch/{}/{}", client.id, launch.jti), launch.expires).await? {
        return Err(refused("used before"));
    }
    let frame_ancestors = if launch.embed { client.frame_ancestors } else { String::new() };
    let framed = !frame_ancestors.is_empty();
    let start = SessionStart { started: launch.issued, authenticated_at: None, frame_ancestors };
    let VerifiedLaunch { user, name, role, nhs_number, birth_date, .. } = launch;
    let user = IdTokenClaims {
        // No provider's issuer has this form, so a launched user is never a provider's user.
        issuer: format!("launch/{}", client.id),
        origin: ClaimsOrigin::Client,
        subject: user,
        name,
        user_name: None,
        org: client.org,
        role: Some(role),
        role_id: None,
        sid: None,
        auth_time: None,
        patient: None,
    };
    let (_, secret) = service.begin_session(user, start).await.map_err(refused_user)?;
    let patient = LaunchPatient::Number { nhs_number: Phi::new(nhs_number), birth_date: Phi::new(birth_date) };
    ticket::seal(service, secret, patient, framed)
}

/// A user whom we do not let in. The partner's page says no more than for any other refusal.
fn refused_user(failure: Failure) -> Failure {
    if failure.kind == FailureKind::Unauthenticated {
        refused("the organisation does not take part, or has no such role")
    } else {
        failure
    }
}

/// The claims of a token, and the registered client that signed it.
async fn verify_signature(service: &Service, token: &str) -> Result<(Client, LaunchClaims), Failure> {
    if token.len() > MAX_TOKEN_LENGTH {
        return Err(refused("too long"));
    }
    signed_part(token).map_err(|_| refused("not written canonically"))?;
    let unverified: LaunchClaims =
        jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| refused("not a launch token"))?;
    let client = store::client::find(service.store.read(), unverified.issuer()).await?;
    let client = client.ok_or_else(|| refused("unknown client"))?;
    let (header, claims) = oauth2::verify_client::<LaunchClaims>(service, &client, token).await.map_err(refused)?;
    if header.typ.as_deref() != Some(TOKEN_TYPE) {
        return Err(refused("another type of token"));
    }
    Ok((client, claims))
}
