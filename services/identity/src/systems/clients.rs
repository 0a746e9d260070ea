//! The clients of an organisation's machines, registered by its own administrators (S-47). A client's id belongs to one
//! organisation for good, because the log names it.

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    partners::{
        ChangeResult, PartnerReceipt,
        system::{ClientDraft, ClientStatus},
    },
};
use lcr_model::{OdsCode, Role};
use lcr_web::Outbound;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use super::{
    PutMode, address,
    draft::{check_not_reserved, is_name, is_text},
    edit::{self, ChangeError, conflict},
    key_set,
    suspension::Suspension,
};
use crate::{
    changed_fields,
    partners::{Author, receipt},
    seed,
    service::Service,
    store::{
        client::{self, ClientSeed, entity::Model},
        partner_change,
        registry::ManagedBy,
    },
};

const MAX_ID: usize = 60;
const MAX_NAME: usize = 200;
const TAKEN: &str = "Another client of the city has this id: choose another one.";
/// The most requests of a client in a minute, and the most tokens.
const MAX_PER_MINUTE: u32 = 100_000;

/// The scopes of each role. `people.write` is for the organisation's directory, whatever else the client does.
const SCOPES: [(Role, &[&str]); 2] =
    [(Role::FeedsClient, &["feeds.write", "people.write"]), (Role::FhirClient, &["fhir.read", "people.write"])];

/// Registers a client or changes it.
pub async fn put(
    service: &Service,
    author: Author,
    draft: ClientDraft,
    mode: PutMode,
) -> Result<PartnerReceipt, Failure> {
    edit::require_own_administrator(&author)?;
    check(&draft, &service.outbound)?;
    let client = to_client(draft, &author.organisation);
    seed::check_clients(std::slice::from_ref(&client), service.demo)?;
    let write = edit::write(service, async move |tx| {
        edit::require_active(&tx, &author.organisation).await?;
        let stored = client::find(&tx, &client.id).await?;
        let verb = match &stored {
            None => {
                check_not_reserved(&client.id)?;
                "Registered"
            }
            Some(stored) if stored.org != author.organisation.as_str() => {
                return Err(conflict(TAKEN).into());
            }
            Some(stored) if mode == PutMode::Create && !stored.removed => {
                let words = format!("You already have a client called {}; open it to change it.", stored.id);
                return Err(conflict(words).into());
            }
            Some(stored) => {
                edit::require_not_operator(&stored.kept_by)?;
                if stored.removed { "Registered" } else { "Changed" }
            }
        };
        let fields = match &stored {
            Some(stored) if !stored.removed => {
                let before = to_client(to_status(stored.clone())?.draft, &author.organisation);
                changed_fields::of_client(&before, &client)
            }
            _ => String::new(),
        };
        if !client::upsert(&tx, ManagedBy::Portal, &client).await? {
            return Err(conflict(TAKEN).into());
        }
        if stored.is_some_and(|stored| stored.removed) {
            client::restore(&tx, &client.id).await?;
        }
        let entry = author.entry(format!("{verb} the client {}{fields}", client.id), None);
        partner_change::insert(&tx, &entry).await?;
        Ok(receipt(&entry, ChangeResult::Id(client.id.clone())))
    });
    write.await
}

/// Suspends a client or ends its suspension, whoever registered it: a lost key must be stopped at once. A token that it has
/// lasts five minutes at most.
pub async fn suspend(
    service: &Service,
    author: Author,
    id: String,
    suspended: bool,
) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    author.require_reason()?;
    let write = edit::write(service, async move |tx| {
        let stored = find_own(&tx, &author, &id).await?;
        let before = Suspension { suspended: stored.suspended, by_platform: stored.suspended_by_platform };
        let Suspension { suspended, by_platform } = before.changed(suspended, &author)?;
        client::set_suspended(&tx, &id, (suspended, by_platform)).await?;
        let what = if suspended { "Suspended the client" } else { "Ended the suspension of the client" };
        let entry = author.entry(format!("{what} {id}"), None);
        partner_change::insert(&tx, &entry).await?;
        Ok(receipt(&entry, ChangeResult::Done))
    });
    write.await
}

/// Removes a client that is suspended or was never used. Its id stays the organisation's.
pub async fn remove(service: &Service, author: Author, id: String) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    author.require_reason()?;
    let write = edit::write(service, async move |tx| {
        let stored = find_own(&tx, &author, &id).await?;
        edit::require_not_operator(&stored.kept_by)?;
        if !stored.suspended && stored.last_used_at.is_some() {
            return Err(conflict("This client is in use. Suspend it first, then remove it.").into());
        }
        client::remove(&tx, &id).await?;
        let entry = author.entry(format!("Removed the client {id}"), None);
        partner_change::insert(&tx, &entry).await?;
        Ok(receipt(&entry, ChangeResult::Done))
    });
    write.await
}

/// The client, if it belongs to the organisation that the change is about and is not removed.
async fn find_own(tx: &impl ConnectionTrait, author: &Author, id: &str) -> Result<Model, ChangeError> {
    let found = client::find(tx, id).await?;
    let own = found.filter(|stored| stored.org == author.organisation.as_str() && !stored.removed);
    own.ok_or_else(|| ChangeError::Refused(Failure::not_found()))
}

/// The clients of an organisation, by id.
pub async fn list(service: &Service, ods: &OdsCode) -> Result<Vec<ClientStatus>, Failure> {
    client::list(service.store.read(), ods).await?.into_iter().map(to_status).collect()
}

/// Refuses a draft that cannot become a client.
fn check(draft: &ClientDraft, outbound: &Outbound) -> Result<(), Failure> {
    if !is_name(&draft.id, MAX_ID) {
        let words = "The id of a client has small letters, digits and hyphens, at most 60, and no hyphen at its ends.";
        return Err(Failure::bad_request(words));
    }
    if !is_text(&draft.name, 1, MAX_NAME) {
        return Err(Failure::bad_request("The name of a client has 1 to 200 characters."));
    }
    check_scope(draft)?;
    check_rates(draft)?;
    match (&draft.jwks, &draft.jwks_url) {
        (Some(keys), None) => key_set::check(keys),
        (None, Some(url)) => address::callable(url, outbound).map(|_| ()),
        _ => Err(Failure::bad_request(
            "Give the client's public keys, or the address where it publishes them: one of both.",
        )),
    }
}

fn check_rates(draft: &ClientDraft) -> Result<(), Failure> {
    if draft.per_minute > MAX_PER_MINUTE {
        return Err(Failure::bad_request("A client gets at most 100000 tokens a minute."));
    }
    if draft.requests_per_minute.is_some_and(|number| !(1..=MAX_PER_MINUTE).contains(&number)) {
        let words = "A client makes 1 to 100000 requests a minute. Leave the number out for the usual one.";
        return Err(Failure::bad_request(words));
    }
    Ok(())
}

fn check_scope(draft: &ClientDraft) -> Result<(), Failure> {
    let offered = SCOPES.into_iter().find(|(role, _)| *role == draft.role).map(|(_, scopes)| scopes);
    let offered =
        offered.ok_or_else(|| Failure::bad_request("The role of a client is feeds-client or fhir-client."))?;
    let mut scopes = draft.scope.split_whitespace().peekable();
    if scopes.peek().is_none() || !scopes.all(|scope| offered.contains(&scope)) {
        let words = format!("The scope of a {} is one or more of: {}.", draft.role, offered.join(", "));
        return Err(Failure::bad_request(words));
    }
    Ok(())
}

fn to_client(draft: ClientDraft, organisation: &OdsCode) -> ClientSeed {
    ClientSeed {
        id: draft.id,
        name: draft.name.trim().to_owned(),
        org: organisation.clone(),
        role: draft.role,
        scope: draft.scope.split_whitespace().collect::<Vec<_>>().join(" "),
        jwks: draft.jwks.unwrap_or(Value::Null),
        jwks_url: draft.jwks_url.map(|url| url.trim().to_owned()),
        per_minute: draft.per_minute,
        requests_per_minute: draft.requests_per_minute,
        launch_roles: draft.launch_roles,
        frame_ancestors: draft.frame_ancestors,
    }
}

fn to_status(row: Model) -> Result<ClientStatus, Failure> {
    let roles = row.launch_roles.split_whitespace().map(str::parse::<Role>);
    let publishes = !row.jwks_url.is_empty();
    let keys: Value = serde_json::from_str(&row.jwks).map_err(Failure::internal)?;
    let draft = ClientDraft {
        role: row.role.parse().map_err(Failure::internal)?,
        launch_roles: roles.collect::<Result<_, _>>().map_err(Failure::internal)?,
        frame_ancestors: row.frame_ancestors.split_whitespace().map(str::to_owned).collect(),
        id: row.id,
        name: row.name,
        scope: row.scope,
        jwks: (!publishes && !keys.is_null()).then_some(keys),
        jwks_url: publishes.then_some(row.jwks_url),
        per_minute: u32::try_from(row.per_minute).unwrap_or_default(),
        requests_per_minute: row.requests_per_minute.and_then(|number| u32::try_from(number).ok()),
    };
    let used = row.last_used_at.map(Timestamp::from_microsecond).transpose().map_err(Failure::internal)?;
    Ok(ClientStatus { draft, suspended: row.suspended, managed_by: row.kept_by, last_used_at: used })
}

#[cfg(test)]
#[path = "clients_tests.rs"]
mod tests;
