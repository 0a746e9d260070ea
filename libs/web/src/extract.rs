//! Extractors for paths and queries. A refusal must never repeat the input.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use lcr_contracts::Failure;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::Problem;

/// The id in a path. Anything else is `404`.
#[derive(Debug, Clone, Copy)]
pub struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<Uuid>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Problem(Failure::not_found()))
    }
}

/// The query string.
#[derive(Debug, Clone)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(query)| Self(query)).map_err(|_| {
            Problem(Failure::bad_request("The query has a name this call does not take, or a value of the wrong kind."))
        })
    }
}
