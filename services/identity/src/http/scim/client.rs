//! Who calls the SCIM service, and what they send. A token must lead to exactly one organisation.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query as UrlQuery, Request},
    http::{header, request::Parts},
};
use lcr_model::OdsCode;
use lcr_web::Authenticator;
use serde::Deserialize;
use serde_json::Value;

use super::{Scim, answer::Problem};
use crate::{
    people::{
        SCIM_TOKEN_PREFIX,
        scim::{ListQuery, ScimError, wants},
    },
    store::{directory_setting, registry},
    systems::client_access,
};

/// The scope of a client that may manage people.
const SCOPE: &str = "people.write";

/// The organisation whose directory calls.
pub struct Client {
    pub org: OdsCode,
}

fn unauthenticated() -> ScimError {
    ScimError::new(401, "A valid bearer token is needed.")
}

impl FromRequestParts<Scim> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, scim: &Scim) -> Result<Self, Problem> {
        let org = require_open(scim, authenticate(parts, scim).await?).await?;
        if !scim.limits.allows(&org) {
            return Err(ScimError::new(429, "Too many requests. Try again in a moment.").into());
        }
        Ok(Self { org })
    }
}

/// Refuses the directory of an organisation that is suspended or has left.
async fn require_open(scim: &Scim, org: OdsCode) -> Result<OdsCode, ScimError> {
    let organisation = registry::find_organisation(scim.service.store.read(), org.as_str()).await?;
    match client_access::obstacle(organisation.as_ref(), SCOPE) {
        Some(_) => Err(ScimError::new(403, "This organisation is suspended or has left, so its people do not change.")),
        None => Ok(org),
    }
}

/// Accepts an organisation's SCIM token, or the token of one of its clients with the scope.
async fn authenticate(parts: &Parts, scim: &Scim) -> Result<OdsCode, ScimError> {
    let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(unauthenticated)?.trim();
    if token.starts_with(SCIM_TOKEN_PREFIX) {
        let hashes = scim.service.data_keys.hash_names(token);
        let org = directory_setting::find_by_scim_token(scim.service.store.read(), &hashes).await?;
        return org.ok_or_else(unauthenticated);
    }
    let authenticator = parts.extensions.get::<Authenticator>().ok_or_else(unauthenticated)?;
    let reader = authenticator.user_caller(&parts.headers).map_err(|problem| ScimError::from(problem.0))?;
    if !reader.scope.split(' ').any(|scope| scope == SCOPE) {
        return Err(ScimError::new(403, "The scope of this token does not cover people."));
    }
    Ok(reader.caller.actor.org)
}

/// A JSON body of any content type: clients send `application/scim+json` or `application/json`.
pub struct Body(pub Value);

impl FromRequest<Scim> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, scim: &Scim) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, scim).await;
        let bytes = bytes.map_err(|_| ScimError::new(413, "The body is too large, came too slowly or broke off."))?;
        let value = serde_json::from_slice(&bytes);
        Ok(Self(value.map_err(|_| ScimError::bad("invalidSyntax", "The body is not JSON."))?))
    }
}

/// The query of a request. Names that we do not know are ignored, as clients send more than they need.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Query {
    pub filter: Option<String>,
    pub start_index: Option<i64>,
    pub count: Option<i64>,
    pub attributes: Option<String>,
    pub excluded_attributes: Option<String>,
}

impl Query {
    /// Whether the answer has this attribute.
    pub fn wants(&self, attribute: &str) -> bool {
        wants(attribute, self.attributes.as_deref(), self.excluded_attributes.as_deref())
    }

    pub fn list(&self) -> ListQuery {
        ListQuery { filter: self.filter.clone(), start_index: self.start_index, count: self.count }
    }
}

impl FromRequestParts<Scim> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, scim: &Scim) -> Result<Self, Problem> {
        let query = UrlQuery::<Self>::from_request_parts(parts, scim).await;
        let refused = |_| ScimError::invalid_value("startIndex and count are whole numbers.");
        Ok(query.map(|UrlQuery(query)| query).map_err(refused)?)
    }
}
