//! Changes of an organisation's directory by its administrators, and the one way in which a person's row changes.
//! Ending a person's access must end their sessions in the same write.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    partners::{
        ChangeResult, PartnerReceipt,
        people::{DirectoryPerson, PeopleList, PersonDraft},
    },
    registry::Organisation,
};
use lcr_model::{OdsCode, Role, seal::DataKeys};
use lcr_store::{Store, db_failure};
use sea_orm::{DatabaseTransaction, DbErr};
use uuid::Uuid;

use super::rules;
use crate::{
    partners::{Author, receipt},
    service::Service,
    store::{
        access_request, directory_setting, partner_change,
        person::{self, Lookup, Person, PersonDetails, PersonSource},
        person_change, registry, session_end,
    },
};

/// The most people in one answer.
const MAX_LISTED: usize = 1000;

/// Stores a changed person, logs the change, and ends the sessions that the person may no longer have.
pub async fn store_change(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    before: Option<&Person>,
    after: &Person,
    by: PersonSource,
    now: Timestamp,
) -> Result<(), DbErr> {
    person::save(tx, keys, after).await?;
    person_change::insert(tx, (&after.org, after.id.as_str()), by, &rules::words_of_change(before, after), now).await?;
    let Some(user) = &after.user else { return Ok(()) };
    let lost: Vec<Role> =
        before.map_or_else(Vec::new, |before| before.roles.difference(&after.roles).copied().collect());
    let ended = if !after.active {
        session_end::end_of_member(tx, user, &after.org, None, now).await?
    } else if lost.is_empty() {
        vec![]
    } else {
        session_end::end_of_member(tx, user, &after.org, Some(&lost), now).await?
    };
    Store::publish(tx, now, &ended).await
}

/// The organisation of a directory.
pub async fn organisation(service: &Service, ods: &OdsCode) -> Result<Organisation, Failure> {
    registry::find_organisation(service.store.read(), ods.as_str()).await?.ok_or_else(Failure::not_found)
}

/// Adds a person by the name they sign in with, or changes their name and roles.
pub async fn put(service: &Service, author: Author, draft: PersonDraft) -> Result<PartnerReceipt, Failure> {
    if !author.is_own_administrator() {
        return Err(Failure::forbidden("Each organisation manages its own people."));
    }
    let PersonDraft { user_name, name, roles } = draft;
    let (user_name, name) = (rules::check_user_name(&user_name)?, rules::check_name(&name)?);
    let roles: BTreeSet<Role> = roles.into_iter().collect();
    rules::check_roles(&organisation(service, &author.organisation).await?.kind, &roles)?;
    let keys = service.data_keys.clone();
    let write = service.store.write(async move |tx| {
        let by = Lookup { user_name: Some(&user_name), ..Lookup::default() };
        let before = person::find_by(&tx, &keys, &author.organisation, by).await?.into_iter().next();
        let mut after =
            before.clone().unwrap_or_else(|| new_person(&author.organisation, PersonSource::Portal, author.now));
        after.details.user_name = user_name;
        after.details.display_name = name;
        after.roles = roles;
        after.hidden = false;
        let after = changed(after, before.is_some(), author.now);
        let verb = if before.is_some() { "Changed" } else { "Added" };
        let entry = author.entry(format!("{verb} {} as {}", after.name(), rules::words_of_roles(&after.roles)), None);
        partner_change::insert(&tx, &entry).await?;
        store_change(&tx, &keys, before.as_ref(), &after, PersonSource::Portal, author.now).await?;
        Ok(receipt(&entry, ChangeResult::Id(after.id)))
    });
    Ok(write.await?)
}

/// Ends or restores a person's access. The platform's administrators may end it too, and only the organisation restores
/// it.
pub async fn set_active(
    service: &Service,
    author: Author,
    id: String,
    active: bool,
) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    if active && !author.is_own_administrator() {
        return Err(Failure::forbidden("Only the organisation itself restores access."));
    }
    author.require_reason()?;
    let keys = service.data_keys.clone();
    let write = service.store.write(async move |tx| {
        let Some(before) = person::find(&tx, &keys, &author.organisation, &id).await? else {
            return Ok(Err(Failure::not_found()));
        };
        if before.user.as_ref() == Some(&author.actor.user) {
            return Ok(Err(Failure::forbidden("Another administrator changes your own access.")));
        }
        let mut after = before.clone();
        after.active = active;
        after.ended_by = (!active).then_some(PersonSource::Portal);
        let after = changed(after, true, author.now);
        let verb = if active { "Restored" } else { "Ended" };
        let entry = author.entry(format!("{verb} the access of {}", after.name()), None);
        partner_change::insert(&tx, &entry).await?;
        store_change(&tx, &keys, Some(&before), &after, PersonSource::Portal, author.now).await?;
        Ok(Ok(receipt(&entry, ChangeResult::Id(after.id))))
    });
    write.await?
}

/// Sets whether only people of the directory may sign in.
pub async fn require_directory(service: &Service, author: Author, required: bool) -> Result<PartnerReceipt, Failure> {
    if !author.is_own_administrator() {
        return Err(Failure::forbidden("Each organisation manages its own people."));
    }
    let write = service.store.write(async move |tx| {
        directory_setting::set_required(&tx, &author.organisation, required, author.now).await?;
        let what = if required {
            "Let only people of the directory sign in"
        } else {
            "Let everybody sign in whom the sign-in provider vouches for"
        };
        let entry = author.entry(what, None);
        partner_change::insert(&tx, &entry).await?;
        Ok(receipt(&entry, ChangeResult::Done))
    });
    Ok(write.await?)
}

/// A person without a name, a role or a sign-in.
pub fn new_person(org: &OdsCode, source: PersonSource, now: Timestamp) -> Person {
    Person {
        id: Uuid::now_v7().to_string(),
        org: org.clone(),
        user: None,
        details: PersonDetails::default(),
        roles: BTreeSet::new(),
        active: true,
        ended_by: None,
        hidden: false,
        source,
        version: 1,
        created: now,
        changed: now,
        first_signed_in_at: None,
        last_signed_in_at: None,
    }
}

/// The person with its next version, unless it is new.
pub fn changed(person: Person, existed: bool, now: Timestamp) -> Person {
    let version = if existed { person.version.saturating_add(1) } else { person.version };
    Person { version, changed: now, ..person }
}

/// An organisation's people by name, with the requests for access.
pub async fn list(service: &Service, ods: &OdsCode) -> Result<PeopleList, Failure> {
    let (db, keys) = (service.store.read(), &*service.data_keys);
    let most = u64::try_from(MAX_LISTED).unwrap_or(u64::MAX).saturating_add(1);
    let mut people = person::list(db, keys, ods, most).await.map_err(db_failure)?;
    let more = people.len() > MAX_LISTED;
    people.truncate(MAX_LISTED);
    let mut people: Vec<DirectoryPerson> = people.into_iter().map(to_directory_person).collect();
    people.sort_by_cached_key(|person| (person.name.to_lowercase(), person.id.clone()));
    Ok(PeopleList {
        people,
        requests: access_request::list(db, keys, ods).await.map_err(db_failure)?,
        directory_required: directory_setting::is_required(db, ods).await.map_err(db_failure)?,
        more,
    })
}

fn to_directory_person(person: Person) -> DirectoryPerson {
    DirectoryPerson {
        name: person.name(),
        user_name: person.details.user_name,
        roles: person.roles.into_iter().collect(),
        active: person.active,
        source: person.source.as_str().to_owned(),
        user: person.user,
        last_signed_in_at: person.last_signed_in_at,
        id: person.id,
    }
}
