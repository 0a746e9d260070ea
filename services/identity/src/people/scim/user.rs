//! A person as a SCIM `User`, both ways. Unknown attributes are accepted and not kept; a role that we do not know is
//! skipped and must never be guessed.

use std::collections::BTreeSet;

use lcr_model::Role;
use serde_json::{Map, Value, json};

use super::{Resource, ScimError, USER_SCHEMA, attribute, to_object};
use crate::{
    people::rules,
    store::person::{Email, Person, PersonDetails},
};

/// The most e-mail addresses of one person.
const MAX_EMAILS: usize = 20;
/// The most characters of an id or an address.
const MAX_TEXT: usize = 320;

/// What a client states about a person.
#[derive(Clone, PartialEq)]
pub struct StatedUser {
    pub details: PersonDetails,
    /// `None`: not stated.
    pub active: Option<bool>,
    /// `None`: not stated, because groups hold the roles.
    pub roles: Option<BTreeSet<Role>>,
}

pub fn etag(person: &Person) -> String {
    format!("W/\"{}\"", person.version)
}

/// The person as a client reads them.
pub fn to_resource(person: &Person, origin: &str) -> Resource {
    let location = format!("{origin}/scim/v2/Users/{}", person.id);
    let details = &person.details;
    let groups = person.roles.iter().map(|role| {
        json!({ "value": role.as_str(), "display": role.as_str(), "type": "direct",
            "$ref": format!("{origin}/scim/v2/Groups/{}", role.as_str()) })
    });
    let roles = person.roles.iter().enumerate();
    let roles = roles.map(|(at, role)| json!({ "value": role.as_str(), "primary": at == 0 }));
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([USER_SCHEMA]));
    body.insert("id".to_owned(), json!(person.id));
    if let Some(external_id) = &details.external_id {
        body.insert("externalId".to_owned(), json!(external_id));
    }
    body.insert("userName".to_owned(), json!(details.user_name));
    let name = [("givenName", &details.given_name), ("familyName", &details.family_name)];
    let name: Map<String, Value> = name
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| (key.to_owned(), json!(text)))
        .collect();
    if !name.is_empty() {
        body.insert("name".to_owned(), Value::Object(name));
    }
    if !details.display_name.is_empty() {
        body.insert("displayName".to_owned(), json!(details.display_name));
    }
    body.insert("active".to_owned(), json!(person.active));
    body.insert("emails".to_owned(), json!(details.emails));
    body.insert("roles".to_owned(), roles.collect());
    body.insert("groups".to_owned(), groups.collect());
    let etag = etag(person);
    let meta = json!({ "resourceType": "User", "created": person.created.to_string(),
        "lastModified": person.changed.to_string(), "version": etag, "location": location });
    body.insert("meta".to_owned(), meta);
    Resource { body: Value::Object(body), etag, location }
}

/// Reads a `User`.
pub fn parse(body: &Value) -> Result<StatedUser, ScimError> {
    let body = to_object(body)?;
    let user_name = rules::check_user_name(&text(body, "userName")?)?;
    let name = attribute(body, "name").map(to_object).transpose()?;
    let part = |key: &str| name.map_or_else(|| Ok(String::new()), |name| text(name, key));
    let (display_name, formatted) = (text(body, "displayName")?, part("formatted")?);
    let details = PersonDetails {
        user_name,
        external_id: Some(text(body, "externalId")?).filter(|id| !id.is_empty()),
        display_name: rules::check_name(if display_name.is_empty() { &formatted } else { &display_name })?,
        given_name: rules::check_name(&part("givenName")?)?,
        family_name: rules::check_name(&part("familyName")?)?,
        emails: emails(body)?,
    };
    if details.external_id.as_ref().is_some_and(|id| id.chars().count() > MAX_TEXT) {
        return Err(ScimError::invalid_value("externalId is longer than 320 characters."));
    }
    Ok(StatedUser { details, active: active(body)?, roles: roles(body)? })
}

/// A text, or an empty one if it is not stated.
fn text(members: &Map<String, Value>, key: &str) -> Result<String, ScimError> {
    match attribute(members, key) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(_) => Err(ScimError::invalid_value("An attribute that is a text has a value of another kind.")),
    }
}

/// Entra writes `"False"`.
fn active(body: &Map<String, Value>) -> Result<Option<bool>, ScimError> {
    match attribute(body, "active") {
        None => Ok(None),
        Some(Value::Bool(active)) => Ok(Some(*active)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(ScimError::invalid_value("active is true or false.")),
    }
}

/// The elements of a multi-valued attribute; a single one may come without its list.
fn elements<'a>(body: &'a Map<String, Value>, key: &str) -> Option<Vec<&'a Value>> {
    attribute(body, key).map(|value| match value {
        Value::Array(elements) => elements.iter().collect(),
        one => vec![one],
    })
}

fn emails(body: &Map<String, Value>) -> Result<Vec<Email>, ScimError> {
    let listed = elements(body, "emails").unwrap_or_default();
    if listed.len() > MAX_EMAILS {
        return Err(ScimError::invalid_value("A person has at most 20 e-mail addresses."));
    }
    let mut emails = vec![];
    for element in listed {
        let (value, kind, primary) = match element {
            Value::Object(members) => {
                let primary = attribute(members, "primary");
                let primary = primary.is_some_and(|value| value == &json!(true) || value.as_str().is_some_and(is_true));
                (text(members, "value")?, Some(text(members, "type")?).filter(|kind| !kind.is_empty()), primary)
            }
            Value::String(address) => (address.trim().to_owned(), None, false),
            _ => return Err(ScimError::invalid_value("An e-mail address is an object with a value.")),
        };
        if value.chars().count() > MAX_TEXT || kind.as_ref().is_some_and(|kind| kind.chars().count() > MAX_TEXT) {
            return Err(ScimError::invalid_value("An e-mail address is longer than 320 characters."));
        }
        if !value.is_empty() {
            emails.push(Email { value, kind, primary });
        }
    }
    Ok(emails)
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// A role that we do not know is skipped. A value of another kind is no role, and must not take away those that somebody has.
fn roles(body: &Map<String, Value>) -> Result<Option<BTreeSet<Role>>, ScimError> {
    let name = |element: &Value| match element {
        Value::Object(members) => text(members, "value"),
        Value::String(name) => Ok(name.clone()),
        _ => Err(ScimError::invalid_value("A role is an object with a value.")),
    };
    let Some(listed) = elements(body, "roles") else { return Ok(None) };
    let names: Vec<String> = listed.into_iter().map(name).collect::<Result<_, _>>()?;
    Ok(Some(names.iter().filter_map(|name| role_of_name(name)).collect()))
}

/// The role of a name: ours, or its words, in any case.
pub fn role_of_name(name: &str) -> Option<Role> {
    let name = name.trim();
    let is_it = |role: &&Role| name.eq_ignore_ascii_case(role.as_str()) || name.eq_ignore_ascii_case(role.words());
    Role::ALL.iter().find(is_it).copied()
}

#[cfg(test)]
#[path = "user_tests.rs"]
mod tests;
