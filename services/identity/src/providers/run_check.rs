//! The check of a provider: its metadata, addresses, keys and capabilities, stored with the draft that it is about. It signs nobody
//! in.

use lcr_contracts::{
    Failure,
    events::PartnersChanged,
    partners::{ChangeResult, PartnerReceipt, system::CheckReport},
};
use lcr_store::{Store, db_failure};
use sea_orm::{DatabaseTransaction, DbErr};

use super::{conflict, fresh};
use crate::{
    oidc::provider_check,
    organisations::{self, StateEvent},
    partners::{Author, receipt},
    service::Service,
    store::{partner_change, provider as store},
};

pub async fn run(service: &Service, author: Author, issuer: &str) -> Result<PartnerReceipt, Failure> {
    let row = store::find(service.store.read(), issuer).await.map_err(db_failure)?;
    let row = row.filter(|row| row.organisation == author.organisation).ok_or_else(Failure::not_found)?;
    let provider = fresh(service, &row);
    let checks = match provider.metadata(author.now).await {
        Ok(metadata) => provider_check::checks(&metadata, provider.settings()),
        Err(_) => provider_check::unreachable(),
    };
    let write = service.store.write(async move |tx| {
        let report = CheckReport { at: author.now, checks };
        if !store::store_checks(&tx, &row.draft.issuer, row.version, &report.checks).await? {
            return Ok(Err(conflict("The provider was changed while it was checked. Run the check again.")));
        }
        let events = advance(&tx, &author, report.passed()).await?;
        Store::publish(&tx, author.now, &events).await?;
        let outcome = if report.passed() { "it passed" } else { "it did not pass" };
        let entry = author.entry(format!("Checked the sign-in provider {}: {outcome}", row.draft.issuer), None);
        partner_change::insert(&tx, &entry).await?;
        Ok(Ok(receipt(&entry, ChangeResult::Report(report))))
    });
    write.await?
}

/// Moves the organisation on when all that it set up has passed, and back when this check failed.
async fn advance(tx: &DatabaseTransaction, author: &Author, passed: bool) -> Result<Vec<PartnersChanged>, DbErr> {
    let (ods, now) = (&author.organisation, author.now);
    let mut events = organisations::advance(tx, ods, StateEvent::Connected, now).await?;
    if passed {
        events.extend(organisations::advance_by_setup(tx, ods, now).await?);
    } else {
        events.extend(organisations::advance(tx, ods, StateEvent::Changed, now).await?);
    }
    Ok(events)
}
