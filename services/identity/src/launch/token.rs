//! The claims of a launch token and the rules for them. Pure: time is a parameter. A refusal must never hold a claim's value.

use jiff::{Timestamp, civil::Date};
use lcr_model::{NhsNumber, Role};
use serde::Deserialize;

use crate::{domain, oauth2::Audience, store::client::entity::Model as Client};

/// The longest life of a token.
const MAX_LIFE_SECONDS: i64 = 60;
/// How far the partner's clock may be ahead of ours.
const CLOCK_SKEW_SECONDS: i64 = 5;
/// The longest user id, name and token id.
const MAX_TEXT: usize = 200;

/// The claims as they arrive. It has no `Debug`, because it names a patient.
#[derive(Deserialize)]
pub struct LaunchClaims {
    iss: String,
    sub: String,
    aud: Audience,
    iat: i64,
    exp: i64,
    jti: String,
    user: LaunchUser,
    org: String,
    patient: PatientClaim,
    /// Whether the view is for a frame of the partner's page.
    #[serde(default)]
    embed: bool,
}

#[derive(Deserialize)]
struct LaunchUser {
    id: String,
    name: String,
    role: String,
}

#[derive(Deserialize)]
struct PatientClaim {
    nhs_number: String,
    birth_date: String,
}

impl LaunchClaims {
    /// The client that the token names. Unverified until its signature is checked.
    pub fn issuer(&self) -> &str {
        &self.iss
    }
}

/// A launch whose claims were checked.
pub struct VerifiedLaunch {
    pub user: String,
    pub name: String,
    pub role: Role,
    pub nhs_number: NhsNumber,
    pub birth_date: Date,
    pub embed: bool,
    pub jti: String,
    /// When the partner's system issued the token, but never in the future.
    pub issued: Timestamp,
    /// In seconds since 1970.
    pub expires: i64,
}

/// Checks the claims of a token that `client` signed. The error says which rule refuses it.
pub fn check(
    claims: LaunchClaims,
    client: &Client,
    public_origin: &str,
    now: Timestamp,
) -> Result<VerifiedLaunch, &'static str> {
    if claims.iss != client.id || claims.sub != client.id {
        return Err("another client");
    }
    if !claims.aud.contains(&format!("{public_origin}/launch")) {
        return Err("audience");
    }
    check_times(claims.iat, claims.exp, now.as_second())?;
    if claims.org != client.org {
        return Err("another organisation");
    }
    let role: Role = claims.user.role.parse().map_err(|_| "unknown role")?;
    let is_listed = client.launch_roles.split(' ').any(|listed| listed == role.as_str());
    if !is_listed || !domain::may_be_launched(role) {
        return Err("a role that the client may not vouch for");
    }
    if ![&claims.user.id, &claims.user.name, &claims.jti].into_iter().all(|text| is_text(text)) {
        return Err("a user or token without a name");
    }
    if claims.embed && client.frame_ancestors.is_empty() {
        return Err("the client may not frame");
    }
    Ok(VerifiedLaunch {
        role,
        nhs_number: NhsNumber::parse(&claims.patient.nhs_number).map_err(|_| "not an NHS number")?,
        birth_date: claims.patient.birth_date.parse().map_err(|_| "not a birth date")?,
        user: claims.user.id,
        name: claims.user.name,
        embed: claims.embed,
        jti: claims.jti,
        issued: Timestamp::from_second(claims.iat).map_err(|_| "not a time")?.min(now),
        expires: claims.exp,
    })
}

fn check_times(issued: i64, expires: i64, now: i64) -> Result<(), &'static str> {
    let life = expires.saturating_sub(issued);
    if !(1..=MAX_LIFE_SECONDS).contains(&life) {
        return Err("not a life of 1 to 60 seconds");
    }
    if issued > now.saturating_add(CLOCK_SKEW_SECONDS) {
        return Err("issued in the future");
    }
    if expires <= now { Err("expired") } else { Ok(()) }
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_TEXT && !text.contains(char::is_control)
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
