//! Changes of a group's members. No group may hold somebody of another organisation.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lcr_model::{OdsCode, Role, seal::DataKeys};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::{Map, Value};

use super::read;
use crate::{
    people::{
        directory::{changed, store_change},
        scim::{Resource, ScimError, attribute},
    },
    service::Service,
    store::person::{self, Person, PersonSource},
};

/// The most members that one request adds and removes.
const MAX_CHANGED: usize = 2000;

pub(super) fn member_ids(body: &Map<String, Value>) -> Result<BTreeSet<String>, ScimError> {
    let refused = || ScimError::invalid_value("A member is an object with the id of a person as its value.");
    let Some(members) = attribute(body, "members") else { return Ok(BTreeSet::new()) };
    let members = members.as_array().ok_or_else(refused)?;
    let id = |member: &Value| member.get("value").and_then(Value::as_str).map(str::to_owned).ok_or_else(refused);
    members.iter().map(id).collect()
}

pub(super) async fn set_members(
    service: &Service,
    org: &OdsCode,
    role: Role,
    wanted: BTreeSet<String>,
) -> Result<Resource, ScimError> {
    let (keys, now, ods) = (service.data_keys.clone(), service.clock.now(), org.clone());
    let write = service.store.write(async move |tx| {
        let people = person::list_with_role(&tx, &keys, &ods, role).await?;
        let present: BTreeSet<String> = people.iter().map(|person| person.id.clone()).collect();
        if present.symmetric_difference(&wanted).count() > MAX_CHANGED {
            return Ok(Err(ScimError::bad("tooMany", "One request adds or removes at most 2,000 members.")));
        }
        let mut added = vec![];
        for id in wanted.difference(&present) {
            // A person of another organisation is as unknown as one who does not exist.
            match person::find(&tx, &keys, &ods, id).await?.filter(|one| !one.hidden) {
                Some(person) => added.push(person),
                None => return Ok(Err(ScimError::invalid_value("A member is not one of your people."))),
            }
        }
        let removed: Vec<Person> = people.into_iter().filter(|person| !wanted.contains(&person.id)).collect();
        for person in removed {
            set_role(&tx, &keys, &person, (role, false), now).await?;
        }
        for person in added {
            set_role(&tx, &keys, &person, (role, true), now).await?;
        }
        Ok(Ok(()))
    });
    write.await??;
    read(service, org, role).await
}

async fn set_role(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    before: &Person,
    (role, holds): (Role, bool),
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut after = before.clone();
    if holds {
        after.roles.insert(role);
    } else {
        after.roles.remove(&role);
    }
    store_change(tx, keys, Some(before), &changed(after, true, now), PersonSource::Scim, now).await
}
