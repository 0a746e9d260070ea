//! How an organisation's staff sign in: its own `OpenID` provider, set up in the portal or by the API, checked, and used by every
//! replica within seconds. A provider must never vouch for more than its organisation's own staff; `oidc/provider.rs` holds
//! to that at each sign-in.

mod draft;
mod keys;
mod known;
mod run_check;

use std::sync::Arc;

use lcr_contracts::{
    Failure, FailureKind, Identity as _,
    partners::{
        ChangeResult, PartnerReceipt,
        sign_in::{ProviderDraft, ProviderStatus, SignInChange},
        system::{Check, CheckOutcome},
    },
    registry::PartnerState,
    vocabulary::OrganisationKind,
};
use lcr_model::OdsCode;
use lcr_store::{Store, db_failure};
use serde_json::Value;

use crate::{
    changed_fields,
    oidc::{
        provider::Provider,
        settings::{ProviderSettings, name_of},
    },
    organisations::{self, StateEvent},
    partners::{Author, receipt},
    service::Service,
    store::{
        partner_change,
        provider::{self as store, ProviderRow},
        provider_session,
    },
};
use known::fresh;
pub use known::{find, find_by_address, find_named, reload, watch};

/// Makes a change. A change that is refused stores nothing.
pub async fn change(service: &Service, author: Author, change: SignInChange) -> Result<PartnerReceipt, Failure> {
    author.require_administrator()?;
    let registry = service.registry().await?;
    let organisation = registry.organisation(&author.organisation).ok_or_else(Failure::not_found)?;
    if organisation.state == PartnerState::Left {
        return Err(conflict("This organisation has left. Nothing of it can be changed."));
    }
    match change {
        SignInChange::Put(draft) => put(service, author, *draft, &organisation.kind).await,
        SignInChange::Check { issuer } => run_check::run(service, author, &issuer).await,
        SignInChange::Remove { issuer } => remove(service, author, issuer).await,
    }
}

fn conflict(text: &'static str) -> Failure {
    Failure::new(FailureKind::Conflict, text)
}

/// Stores a provider. Sessions that the former rules allowed end, if the rules changed.
async fn put(
    service: &Service,
    author: Author,
    draft: ProviderDraft,
    kind: &OrganisationKind,
) -> Result<PartnerReceipt, Failure> {
    let draft = draft::checked(draft, kind, &service.outbound)?;
    if service.oidc.is_of_settings(&draft.issuer) {
        return Err(conflict("The platform's operators keep the provider with this issuer; ask them to change it."));
    }
    if draft.email_domains.iter().any(|domain| service.oidc.is_domain_of_settings(domain)) {
        return Err(conflict("The platform's operators keep one of these e-mail domains; ask them to change it."));
    }
    let new_key = keys::sealed_if_missing(service, &draft.issuer, &draft.algorithm, author.now).await?;
    let issuer = draft.issuer.clone();
    let write = service.store.write(async move |tx| {
        let stored = store::list(&tx).await?;
        if let Some(taken) = draft::taken_by_another(&draft, &author.organisation, &stored) {
            return Ok(Err(conflict(taken)));
        }
        let before = stored.iter().find(|row| row.draft.issuer == draft.issuer);
        let verb = if before.is_none() { "Set up" } else { "Changed" };
        let fields = before.map(|row| changed_fields::of_provider(&row.draft, &draft)).unwrap_or_default();
        let what = format!("{verb} the sign-in provider {}{fields}", draft.issuer);
        if before.is_some_and(|row| draft::vouches_differently(&row.draft, &draft)) {
            let ended = provider_session::end_by_issuer(&tx, &draft.issuer, author.now).await?;
            Store::publish(&tx, author.now, &ended).await?;
        }
        store::upsert(&tx, &draft, &author.organisation, author.now).await?;
        if let Some(sealed) = new_key {
            store::insert_key(&tx, (&draft.issuer, &draft.algorithm), sealed, author.now).await?;
        }
        let entry = author.entry(what, None);
        partner_change::insert(&tx, &entry).await?;
        let mut events = organisations::advance(&tx, &author.organisation, StateEvent::Connected, author.now).await?;
        events.extend(organisations::advance(&tx, &author.organisation, StateEvent::Changed, author.now).await?);
        Store::publish(&tx, author.now, &events).await?;
        Ok(Ok(entry))
    });
    let entry = write.await??;
    reload(service).await?;
    let keys = service.oidc.get(&issuer).map(|provider| provider.public_keys()).unwrap_or_default();
    Ok(receipt(&entry, ChangeResult::PublicKeys(keys)))
}

/// Removes a provider and ends the sessions that it vouched for.
async fn remove(service: &Service, author: Author, issuer: String) -> Result<PartnerReceipt, Failure> {
    let write = service.store.write(async move |tx| {
        let stored = store::find(&tx, &issuer).await?;
        if stored.is_none_or(|row| row.organisation != author.organisation) {
            return Ok(Err(Failure::not_found()));
        }
        store::delete(&tx, &issuer).await?;
        let ended = provider_session::end_by_issuer(&tx, &issuer, author.now).await?;
        Store::publish(&tx, author.now, &ended).await?;
        let entry = author.entry(format!("Removed the sign-in provider {issuer}"), None);
        partner_change::insert(&tx, &entry).await?;
        let events = organisations::advance_by_setup(&tx, &author.organisation, author.now).await?;
        Store::publish(&tx, author.now, &events).await?;
        Ok(Ok(receipt(&entry, ChangeResult::Done)))
    });
    let receipt = write.await??;
    reload(service).await?;
    Ok(receipt)
}

/// The providers of an organisation: its own, and those that the platform's operators keep for it by name.
pub async fn statuses(service: &Service, ods: &OdsCode) -> Result<Vec<ProviderStatus>, Failure> {
    let rows = store::list_of(service.store.read(), ods).await.map_err(db_failure)?;
    let mut statuses = Vec::with_capacity(rows.len());
    for row in rows {
        let keys = keys::public(service, &row.draft.issuer, &row.draft.algorithm).await?;
        statuses.push(own_status(service, row, keys));
    }
    let names_it = |provider: &Arc<Provider>| provider.owner().is_none() && provider.is_for_organisation(ods.as_str());
    let others = service.oidc.all().into_iter().filter(names_it);
    statuses.extend(others.map(|provider| operators_status(service, &provider)));
    Ok(statuses)
}

fn own_status(service: &Service, row: ProviderRow, jwks: Value) -> ProviderStatus {
    let name = name_of(&row.draft.issuer);
    ProviderStatus {
        redirect_uri: format!("{}/auth/callback/{name}", service.public_origin),
        back_channel_logout_uri: back_channel_logout_uri(service, &name),
        jwks,
        managed_by: "portal".to_owned(),
        checks: row.checks,
        draft: row.draft,
    }
}

fn operators_status(service: &Service, provider: &Provider) -> ProviderStatus {
    let settings: ProviderSettings = provider.settings().clone();
    let kept = "The platform's operators keep this provider and watch it.".to_owned();
    ProviderStatus {
        redirect_uri: provider.redirect_uri().to_owned(),
        back_channel_logout_uri: back_channel_logout_uri(service, &provider.name()),
        jwks: provider.public_keys(),
        managed_by: "operator".to_owned(),
        checks: vec![Check { name: "operator".to_owned(), outcome: CheckOutcome::Passed, text: kept }],
        draft: ProviderDraft {
            issuer: settings.issuer,
            client_id: settings.client_id,
            profile: settings.profile,
            roles: settings.roles,
            email_domains: settings.email_domains,
            acr: settings.acr,
            algorithm: settings.algorithm.unwrap_or_else(|| "EdDSA".to_owned()),
        },
    }
}

fn back_channel_logout_uri(service: &Service, name: &str) -> String {
    format!("{}/auth/backchannel-logout/{name}", service.public_origin)
}
