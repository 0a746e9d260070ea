//! SCIM 2.0 (RFC 7643, RFC 7644): an organisation's own directory states who works there. A client must never learn of,
//! or change, another organisation's people.

pub mod filter;
pub mod groups;
mod patch;
pub mod path;
pub mod schemas;
mod user;
pub mod users;

use std::borrow::Cow;

use lcr_contracts::{Failure, FailureKind};
use lcr_store::StoreError;
use sea_orm::DbErr;
use serde_json::{Map, Value, json};

/// The schema of users.
pub const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of groups.
pub const GROUP_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The most resources of one page.
pub const MAX_PAGE: u64 = 200;
/// The most people whom a filter without an exact name looks through.
const MAX_SCANNED: u64 = 20_000;

/// A refusal (RFC 7644, section 3.12). Its detail must name nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimError {
    pub status: u16,
    pub scim_type: Option<&'static str>,
    pub detail: Cow<'static, str>,
    /// For the log.
    pub inward: String,
}

impl ScimError {
    pub fn new(status: u16, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), inward: String::new() }
    }

    /// A 400 with the type of its cause.
    pub fn bad(scim_type: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { scim_type: Some(scim_type), ..Self::new(400, detail) }
    }

    pub fn invalid_value(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("invalidValue", detail)
    }

    pub fn uniqueness(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { scim_type: Some("uniqueness"), ..Self::new(409, detail) }
    }

    pub fn not_found() -> Self {
        Self::new(404, "There is no such resource.")
    }

    /// The body of the answer. Its status is a text, as the standard has it.
    pub fn to_json(&self) -> Value {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(scim_type), Some(body)) = (self.scim_type, body.as_object_mut()) {
            body.insert("scimType".to_owned(), json!(scim_type));
        }
        body
    }
}

impl From<Failure> for ScimError {
    fn from(failure: Failure) -> Self {
        let status = match failure.kind {
            FailureKind::BadRequest => return Self::invalid_value(failure.outward().to_owned()),
            FailureKind::Unauthenticated => 401,
            FailureKind::Forbidden => 403,
            FailureKind::NotFound => 404,
            FailureKind::MethodNotAllowed => 405,
            FailureKind::Conflict => 409,
            FailureKind::TooLarge => 413,
            FailureKind::TooManyRequests => 429,
            FailureKind::Unavailable | FailureKind::Timeout | FailureKind::CatchingUp => 503,
            _ => 500,
        };
        Self { inward: failure.inward().to_owned(), ..Self::new(status, failure.outward().to_owned()) }
    }
}

impl From<StoreError> for ScimError {
    fn from(error: StoreError) -> Self {
        Failure::from(error).into()
    }
}

impl From<DbErr> for ScimError {
    fn from(error: DbErr) -> Self {
        lcr_store::db_failure(error).into()
    }
}

/// A resource to answer with.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    pub body: Value,
    pub etag: String,
    pub location: String,
}

/// The query of a list (RFC 7644, section 3.4.2).
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    pub filter: Option<String>,
    /// From 1.
    pub start_index: Option<i64>,
    pub count: Option<i64>,
}

impl ListQuery {
    /// How many resources to skip and how many to answer. Numbers out of range are corrected, as the standard has it.
    fn page(&self) -> (u64, u64) {
        let skipped = self.start_index.unwrap_or(1).saturating_sub(1).max(0);
        let count = self.count.unwrap_or(100).max(0);
        (u64::try_from(skipped).unwrap_or(0), u64::try_from(count).unwrap_or(0).min(MAX_PAGE))
    }
}

/// A list's answer.
pub fn to_list(resources: Vec<Value>, total: u64, skipped: u64) -> Value {
    let count = resources.len();
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": skipped.saturating_add(1),
        "itemsPerPage": count,
        "Resources": Value::Array(resources),
    })
}

/// Refuses a change of a version that the client has not seen (`If-Match`).
fn check_version(if_match: Option<&str>, etag: &str) -> Result<(), ScimError> {
    match if_match {
        Some(wanted) if !names_version(wanted, etag) => {
            Err(ScimError::new(412, "The resource has changed since you read it. Read it again."))
        }
        _ => Ok(()),
    }
}

/// Whether a condition (`If-Match`, `If-None-Match`) names this version.
pub fn names_version(condition: &str, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    condition.split(',').any(|one| one.trim() == "*" || opaque(one) == opaque(etag))
}

/// The value of an attribute, whose name counts in any case (RFC 7643, section 2.1).
fn attribute<'a>(resource: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = resource.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value).filter(|value| !value.is_null())
}

/// A body as the members of its object.
pub fn to_object(body: &Value) -> Result<&Map<String, Value>, ScimError> {
    body.as_object().ok_or_else(|| ScimError::bad("invalidSyntax", "The body is not a JSON object."))
}

/// Leaves only what the client asked for: `attributes`, or all but `excluded`. What identifies the resource stays.
pub fn project(resource: &mut Value, attributes: Option<&str>, excluded: Option<&str>) {
    const ALWAYS: [&str; 3] = ["schemas", "id", "meta"];
    let Some(members) = resource.as_object_mut() else { return };
    members.retain(|key, _| ALWAYS.contains(&key.as_str()) || wants(key, attributes, excluded));
}

/// Whether an answer has an attribute: it is one of `attributes`, if there are any, and none of `excluded`.
pub fn wants(attribute: &str, attributes: Option<&str>, excluded: Option<&str>) -> bool {
    let names = |list: &str| {
        let top = |name: &str| {
            name.trim().rsplit(':').next().and_then(|name| name.split('.').next()).unwrap_or("").to_owned()
        };
        list.split(',').any(|name| top(name).eq_ignore_ascii_case(attribute))
    };
    attributes.is_none_or(names) && !excluded.is_some_and(names)
}

#[cfg(test)]
#[path = "scim/scim_tests.rs"]
mod tests;
