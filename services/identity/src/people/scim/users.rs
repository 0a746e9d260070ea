//! The operations on SCIM `Users`: create, get, list, replace, change, delete. Each is about the people of one
//! organisation, and a deleted person stays in the store, without access and unseen.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lcr_model::{OdsCode, Role, seal::DataKeys};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value;

use super::{
    ListQuery, MAX_SCANNED, Resource, ScimError, check_version,
    filter::{self, Filter},
    patch, to_list, to_object,
    user::{self, StatedUser},
};
use crate::{
    people::{
        directory::{self, changed, new_person, store_change},
        rules,
    },
    service::Service,
    store::person::{self, Lookup, Person, PersonSource},
};

/// Whether a person can be seen by SCIM at all.
fn is_visible(person: &Person) -> bool {
    !person.hidden && !person.details.user_name.is_empty()
}

async fn find_visible(service: &Service, org: &OdsCode, id: &str) -> Result<Person, ScimError> {
    let found = person::find(service.store.read(), &service.data_keys, org, id).await?;
    found.filter(is_visible).ok_or_else(ScimError::not_found)
}

pub async fn get(service: &Service, org: &OdsCode, id: &str) -> Result<Resource, ScimError> {
    Ok(user::to_resource(&find_visible(service, org, id).await?, &service.public_origin))
}

/// A page of the people who match.
pub async fn list(service: &Service, org: &OdsCode, query: &ListQuery) -> Result<Value, ScimError> {
    let (db, keys) = (service.store.read(), &*service.data_keys);
    let (skipped, count) = query.page();
    let to_body = |person: &Person| user::to_resource(person, &service.public_origin).body;
    let Some(text) = &query.filter else {
        let total = person::count_for_scim(db, org).await?;
        let page = person::list_for_scim(db, keys, org, skipped, count).await?;
        return Ok(to_list(page.iter().map(to_body).collect(), total, skipped));
    };
    let filter = filter::parse(text)?;
    let matching = candidates(service, org, &filter).await?.into_iter().filter(is_visible).map(|one| to_body(&one));
    let matching: Vec<Value> =
        matching.filter(|body| body.as_object().is_some_and(|body| filter.matches(body))).collect();
    let total = u64::try_from(matching.len()).unwrap_or(u64::MAX);
    let (skip, take) = (usize::try_from(skipped).unwrap_or(usize::MAX), usize::try_from(count).unwrap_or(0));
    Ok(to_list(matching.into_iter().skip(skip).take(take).collect(), total, skipped))
}

/// Everybody whom the filter may match: found by an index if it names somebody, else all.
async fn candidates(service: &Service, org: &OdsCode, filter: &Filter) -> Result<Vec<Person>, ScimError> {
    let (db, keys) = (service.store.read(), &*service.data_keys);
    let (user_name, external_id) = (filter.required_text("userName"), filter.required_text("externalId"));
    if user_name.is_some() || external_id.is_some() {
        let by = Lookup { external_id, user_name, ..Lookup::default() };
        return Ok(person::find_by(db, keys, org, by).await?);
    }
    if let Some(id) = filter.required_text("id") {
        return Ok(person::find(db, keys, org, id).await?.into_iter().collect());
    }
    if person::count_for_scim(db, org).await? > MAX_SCANNED {
        return Err(ScimError::bad(
            "tooMany",
            "There are too many people for this filter. Ask by userName or externalId.",
        ));
    }
    Ok(person::list_for_scim(db, keys, org, 0, MAX_SCANNED).await?)
}

async fn check_roles(service: &Service, org: &OdsCode, roles: Option<&BTreeSet<Role>>) -> Result<(), ScimError> {
    let Some(roles) = roles else { return Ok(()) };
    let organisation = directory::organisation(service, org).await?;
    Ok(rules::check_roles(&organisation.kind, roles)?)
}

/// Adds a person. Somebody who is in the directory already, by a sign-in or the portal, is taken over.
pub async fn create(service: &Service, org: &OdsCode, body: &Value) -> Result<Resource, ScimError> {
    let stated = user::parse(body)?;
    check_roles(service, org, stated.roles.as_ref()).await?;
    let (keys, now, org) = (service.data_keys.clone(), service.clock.now(), org.clone());
    let write = service.store.write(async move |tx| {
        let details = &stated.details;
        let by = Lookup {
            external_id: details.external_id.as_deref(),
            user_name: Some(&details.user_name),
            ..Lookup::default()
        };
        let found = person::find_by(&tx, &keys, &org, by).await?;
        if found.iter().any(|person| is_visible(person) && person.source == PersonSource::Scim) {
            return Ok(Err(ScimError::uniqueness("There is a person with this userName or externalId.")));
        }
        let before = match merge_found(&tx, found).await? {
            Ok(before) => before,
            Err(refused) => return Ok(Err(refused)),
        };
        let after = before.clone().unwrap_or_else(|| new_person(&org, PersonSource::Scim, now));
        let after = Person { hidden: false, source: PersonSource::Scim, ..after };
        let active = Some(stated.active.unwrap_or(true));
        let mut stated = StatedUser { active, ..stated };
        // A sign-in knows the provider's id of the person also if the client does not state it.
        stated.details.external_id = stated.details.external_id.or_else(|| after.details.external_id.clone());
        let after = apply(after, stated);
        let after = changed(after, before.is_some(), now);
        store_change(&tx, &keys, before.as_ref(), &after, PersonSource::Scim, now).await?;
        Ok(Ok(after))
    });
    let person: Person = write.await??;
    Ok(user::to_resource(&person, &service.public_origin))
}

/// The one row to take over. Two rows of one person are merged if one of them is only a sign-in's.
async fn merge_found(tx: &DatabaseTransaction, found: Vec<Person>) -> Result<Result<Option<Person>, ScimError>, DbErr> {
    let (mut made, mut signed_in): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|person| person.source != PersonSource::SignIn || person.hidden);
    if made.len() > 1 || signed_in.len() > 1 {
        return Ok(Err(ScimError::uniqueness("userName and externalId belong to two people.")));
    }
    Ok(Ok(match (made.pop(), signed_in.pop()) {
        (Some(kept), Some(duplicate)) => {
            person::delete_duplicate(tx, &duplicate.id).await?;
            let user = kept.user.clone().or(duplicate.user);
            let first_signed_in_at = kept.first_signed_in_at.or(duplicate.first_signed_in_at);
            let last_signed_in_at = duplicate.last_signed_in_at.max(kept.last_signed_in_at);
            let roles = kept.roles.union(&duplicate.roles).copied().collect();
            // An end of either is an end of both.
            let (active, ended_by) = (kept.active && duplicate.active, kept.ended_by.or(duplicate.ended_by));
            Some(Person { user, roles, active, ended_by, first_signed_in_at, last_signed_in_at, ..kept })
        }
        (kept, signed_in) => kept.or(signed_in),
    }))
}

/// The person as the client states them. What it does not state about access and roles stays. An end by the
/// organisation's administrators in the portal stays too: a directory that does not know of it must not undo it.
fn apply(person: Person, stated: StatedUser) -> Person {
    let active = stated.active.unwrap_or(person.active);
    let ended_in_portal = !person.active && person.ended_by == Some(PersonSource::Portal);
    let (active, ended_by) = match (active, ended_in_portal) {
        (_, true) => (false, person.ended_by),
        (true, false) => (true, None),
        (false, false) => (false, person.ended_by.or(Some(PersonSource::Scim))),
    };
    Person { roles: stated.roles.unwrap_or(person.roles), details: stated.details, active, ended_by, ..person }
}

/// Replaces what the client states (PUT).
pub async fn replace(
    service: &Service,
    (org, id): (&OdsCode, &str),
    body: &Value,
    if_match: Option<&str>,
) -> Result<Resource, ScimError> {
    let stated = user::parse(body)?;
    let before = find_visible(service, org, id).await?;
    check_version(if_match, &user::etag(&before))?;
    store_stated(service, before, stated).await
}

/// Changes a person (PATCH).
pub async fn change(
    service: &Service,
    (org, id): (&OdsCode, &str),
    body: &Value,
    if_match: Option<&str>,
) -> Result<Resource, ScimError> {
    let before = find_visible(service, org, id).await?;
    check_version(if_match, &user::etag(&before))?;
    let stated = patched(&before, body)?;
    store_stated(service, before, stated).await
}

/// What a client states by a change: the whole resource, changed. Without roles there are none.
fn patched(before: &Person, patch: &Value) -> Result<StatedUser, ScimError> {
    let current = user::to_resource(before, "").body;
    let mut changed = to_object(&current)?.clone();
    patch::apply(&mut changed, patch)?;
    let stated = user::parse(&Value::Object(changed))?;
    Ok(StatedUser { roles: Some(stated.roles.unwrap_or_default()), ..stated })
}

async fn store_stated(service: &Service, before: Person, stated: StatedUser) -> Result<Resource, ScimError> {
    check_roles(service, &before.org, stated.roles.as_ref()).await?;
    let (keys, now) = (service.data_keys.clone(), service.clock.now());
    let write = service.store.write(async move |tx| store_version(&tx, &keys, &before, stated, now).await);
    let person = write.await??;
    Ok(user::to_resource(&person, &service.public_origin))
}

async fn store_version(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    read: &Person,
    stated: StatedUser,
    now: Timestamp,
) -> Result<Result<Person, ScimError>, DbErr> {
    // A sign-in since then does not make a new version, but its user must not be lost.
    let stored = person::find(tx, keys, &read.org, &read.id).await?;
    let Some(before) = stored.filter(|stored| stored.version == read.version) else {
        return Ok(Err(ScimError::new(412, "The resource has changed since you read it. Read it again.")));
    };
    let details = &stated.details;
    let by = Lookup {
        external_id: details.external_id.as_deref(),
        user_name: Some(&details.user_name),
        ..Lookup::default()
    };
    if person::find_by(tx, keys, &before.org, by).await?.iter().any(|other| other.id != before.id) {
        return Ok(Err(ScimError::uniqueness("There is another person with this userName or externalId.")));
    }
    let after = Person { source: PersonSource::Scim, ..apply(before.clone(), stated) };
    // A repeated state makes no new version, so that the log shows changes alone.
    if after == before {
        return Ok(Ok(after));
    }
    let after = changed(after, true, now);
    store_change(tx, keys, Some(&before), &after, PersonSource::Scim, now).await?;
    Ok(Ok(after))
}

/// Ends a person's access and hides them from SCIM (DELETE).
pub async fn delete(service: &Service, (org, id): (&OdsCode, &str), if_match: Option<&str>) -> Result<(), ScimError> {
    let before = find_visible(service, org, id).await?;
    check_version(if_match, &user::etag(&before))?;
    let (keys, now) = (service.data_keys.clone(), service.clock.now());
    let write = service.store.write(async move |tx| {
        let Some(before) = person::find(&tx, &keys, &before.org, &before.id).await? else {
            return Ok(Err(ScimError::not_found()));
        };
        let ended_by = before.ended_by.or(Some(PersonSource::Scim));
        let after = Person { active: false, hidden: true, ended_by, roles: BTreeSet::new(), ..before.clone() };
        store_change(&tx, &keys, Some(&before), &changed(after, true, now), PersonSource::Scim, now).await?;
        Ok(Ok(()))
    });
    write.await?
}

#[cfg(test)]
#[path = "users_tests.rs"]
mod tests;
