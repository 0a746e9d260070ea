//! SCIM `Groups`: each role that an organisation may give is a group, and its members are the people with the role.
//! Groups are neither made nor deleted by a client, and no group may hold somebody of another organisation.

mod members;

use std::collections::BTreeSet;

use jiff::Timestamp;
use lcr_model::{OdsCode, Role};
use serde_json::{Map, Value, json};

use super::{
    GROUP_SCHEMA, ListQuery, Resource, ScimError, attribute, check_version, filter, patch, to_list, to_object, user,
};
use crate::{
    people::{directory, rules},
    service::Service,
    store::person::{self, Person},
};
use members::{member_ids, set_members};

async fn roles(service: &Service, org: &OdsCode) -> Result<BTreeSet<Role>, ScimError> {
    Ok(rules::roles_of(&directory::organisation(service, org).await?.kind))
}

async fn role(service: &Service, org: &OdsCode, id: &str) -> Result<Role, ScimError> {
    let role: Option<Role> = id.parse().ok();
    let known = roles(service, org).await?;
    role.filter(|role| known.contains(role)).ok_or_else(ScimError::not_found)
}

async fn read(service: &Service, org: &OdsCode, role: Role) -> Result<Resource, ScimError> {
    let members = person::list_with_role(service.store.read(), &service.data_keys, org, role).await?;
    Ok(to_resource(role, &members, &service.public_origin))
}

fn to_resource(role: Role, people: &[Person], origin: &str) -> Resource {
    let location = format!("{origin}/scim/v2/Groups/{}", role.as_str());
    let members = people.iter().map(|person| {
        json!({ "value": person.id, "display": person.name(), "type": "User",
            "$ref": format!("{origin}/scim/v2/Users/{}", person.id) })
    });
    let changed = people.iter().map(|person| person.changed).max();
    // A member who is added has just changed, and one who is removed is missing from the count.
    let etag = format!("W/\"{}-{}\"", people.len(), changed.map_or(0, Timestamp::as_microsecond));
    let body = json!({
        "schemas": [GROUP_SCHEMA],
        "id": role.as_str(),
        "displayName": role.as_str(),
        "members": members.collect::<Value>(),
        "meta": { "resourceType": "Group", "version": etag, "location": location },
    });
    Resource { body, etag, location }
}

pub async fn get(service: &Service, org: &OdsCode, id: &str) -> Result<Resource, ScimError> {
    let role = role(service, org, id).await?;
    read(service, org, role).await
}

/// A group that is listed without its members, which are then not read. It has no version, because they would decide it.
fn without_members(role: Role, origin: &str) -> Value {
    let mut body = to_resource(role, &[], origin).body;
    if let Some(group) = body.as_object_mut() {
        group.remove("members");
    }
    if let Some(meta) = body.get_mut("meta").and_then(Value::as_object_mut) {
        meta.remove("version");
    }
    body
}

/// A page of the groups that match. Members are read only if they are asked for, or the filter is about them.
pub async fn list(service: &Service, org: &OdsCode, query: &ListQuery, with_members: bool) -> Result<Value, ScimError> {
    let filter = query.filter.as_deref().map(filter::parse).transpose()?;
    let is_about_members = query.filter.as_deref().is_some_and(|text| text.to_ascii_lowercase().contains("members"));
    let (skipped, count) = query.page();
    let mut matching = vec![];
    for role in roles(service, org).await? {
        let group = if with_members || is_about_members {
            read(service, org, role).await?.body
        } else {
            without_members(role, &service.public_origin)
        };
        let is_meant = |filter: &filter::Filter| group.as_object().is_some_and(|group| filter.matches(group));
        if filter.as_ref().is_none_or(is_meant) {
            matching.push(group);
        }
    }
    let total = u64::try_from(matching.len()).unwrap_or(u64::MAX);
    let (skip, take) = (usize::try_from(skipped).unwrap_or(usize::MAX), usize::try_from(count).unwrap_or(0));
    Ok(to_list(matching.into_iter().skip(skip).take(take).collect(), total, skipped))
}

/// A client that makes a group by the name of a role receives that role's group. Its members are added.
pub async fn create(service: &Service, org: &OdsCode, body: &Value) -> Result<Resource, ScimError> {
    let body = to_object(body)?;
    let role = display_name(body)?.and_then(user::role_of_name);
    let known = roles(service, org).await?;
    let role = role.filter(|role| known.contains(role)).ok_or_else(|| {
        ScimError::invalid_value("A group has the name of a role that your organisation has, such as org-admin.")
    })?;
    let current = read(service, org, role).await?;
    let wanted = member_ids(to_object(&current.body)?)?.union(&member_ids(body)?).cloned().collect();
    set_members(service, org, role, wanted).await
}

/// Replaces the members (PUT).
pub async fn replace(
    service: &Service,
    (org, id): (&OdsCode, &str),
    body: &Value,
    if_match: Option<&str>,
) -> Result<Resource, ScimError> {
    let role = role(service, org, id).await?;
    check_version(if_match, &read(service, org, role).await?.etag)?;
    let body = to_object(body)?;
    check_name(role, body)?;
    set_members(service, org, role, member_ids(body)?).await
}

/// Changes the members (PATCH).
pub async fn change(
    service: &Service,
    (org, id): (&OdsCode, &str),
    body: &Value,
    if_match: Option<&str>,
) -> Result<Resource, ScimError> {
    let role = role(service, org, id).await?;
    let current = read(service, org, role).await?;
    check_version(if_match, &current.etag)?;
    let mut changed = to_object(&current.body)?.clone();
    patch::apply(&mut changed, body)?;
    check_name(role, &changed)?;
    set_members(service, org, role, member_ids(&changed)?).await
}

/// Takes the role from everybody (DELETE). The group itself stays, because the role does.
pub async fn delete(service: &Service, (org, id): (&OdsCode, &str), if_match: Option<&str>) -> Result<(), ScimError> {
    let role = role(service, org, id).await?;
    check_version(if_match, &read(service, org, role).await?.etag)?;
    set_members(service, org, role, BTreeSet::new()).await.map(|_| ())
}

fn display_name(body: &Map<String, Value>) -> Result<Option<&str>, ScimError> {
    let not_text = || ScimError::invalid_value("displayName is a text.");
    attribute(body, "displayName").map(|name| name.as_str().ok_or_else(not_text)).transpose()
}

/// A group keeps its name, since the name is the role.
fn check_name(role: Role, body: &Map<String, Value>) -> Result<(), ScimError> {
    match display_name(body)? {
        Some(name) if user::role_of_name(name) != Some(role) => {
            Err(ScimError::bad("mutability", "The name of a group is its role and does not change."))
        }
        _ => Ok(()),
    }
}
