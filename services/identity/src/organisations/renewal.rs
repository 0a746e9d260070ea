//! Decides anew, at intervals, whether each agreement is in force, because a version runs out by the calendar alone, and sends the
//! limits of the agreements once more after a start. A failure must change nothing; the next run does it again.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp, civil::Date};
use lcr_contracts::{Failure, events::PartnersChanged, registry::PartnerState};
use lcr_model::{Dataset, OdsCode, london};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use super::{
    lifecycle::platform_entry,
    open::OpenOrganisation,
    signatures,
    versions::{PUBLISHED, Versions},
};
use crate::{
    service::Service,
    store::{
        agreement::{self, AgreementRecords},
        organisation_file, registry,
    },
};

const INTERVAL: Duration = Duration::from_mins(10);
/// How much earlier than the clock the version of a row is that is sent once more. A change that is being stored meanwhile is
/// therefore newer, and consumers do not drop it.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// How often the limits are sent again after a start: for an hour, in which the other services are upgraded too.
const RESENDS: u32 = 6;

/// Renews all agreements at once and then every ten minutes, until the process ends. In the first hour it sends the limits again
/// each time.
pub async fn keep_current(service: Arc<Service>) {
    let mut resends = 0..RESENDS;
    loop {
        if let Err(failure) = renew_all(&service).await {
            tracing::warn!(cause = failure.inward(), "agreements could not be decided anew");
        }
        tokio::time::sleep(INTERVAL).await;
        if resends.next().is_some()
            && let Err(failure) = publish_limits(&service.store, service.clock.now()).await
        {
            tracing::warn!(cause = failure.inward(), "limits of agreements could not be sent");
        }
    }
}

async fn renew_all(service: &Service) -> Result<(), Failure> {
    let now = service.clock.now();
    for ods in changed(service, now).await? {
        service.store.write(async move |tx| renew(&tx, &PUBLISHED, &ods, now).await).await?;
    }
    Ok(())
}

/// The organisations of the portal whose row does not say what their signatures do. Reading first avoids a write on most runs.
async fn changed(service: &Service, now: Timestamp) -> Result<Vec<OdsCode>, Failure> {
    let db = service.store.read();
    let (registry, keepers) = (registry::load(db).await?, organisation_file::keepers(db).await?);
    let records = agreement::load_all(db).await?;
    let none = AgreementRecords::default();
    let mut changed = Vec::new();
    for file in organisation_file::all(db).await? {
        let is_portals = keepers.get(&file.ods).is_some_and(|keeper| organisation_file::is_portals(keeper));
        let Some(row) = registry.organisation(&file.ods).filter(|_| is_portals) else { continue };
        let of_file = records.get(&file.registration).unwrap_or(&none);
        let today = london::date(now);
        let in_force = signatures::is_in_force(file.on_paper, of_file, &PUBLISHED, today);
        let is_signed = in_force && row.state != PartnerState::Left;
        if row.agreement_signed != is_signed || row.receives != receives(of_file, &PUBLISHED, today) {
            changed.push(file.ods);
        }
    }
    Ok(changed)
}

/// Publishes each row of the portal that limits what the organisation receives once more, as it is. A service of a version before
/// may have stored the row without its limit, and a row that does not change is not sent again.
async fn publish_limits(store: &Store, now: Timestamp) -> Result<(), Failure> {
    let keepers = organisation_file::keepers(store.read()).await?;
    let rows = registry::load(store.read()).await?.organisations.into_iter();
    let is_portals = |ods: &OdsCode| keepers.get(ods).is_some_and(|keeper| organisation_file::is_portals(keeper));
    for row in rows.filter(|row| row.receives.is_some() && is_portals(&row.ods)) {
        store.write(async move |tx| publish_row(&tx, &row.ods, now).await).await?;
    }
    Ok(())
}

/// Publishes the row as it is now, if the portal still keeps it.
async fn publish_row(tx: &DatabaseTransaction, ods: &OdsCode, now: Timestamp) -> Result<(), DbErr> {
    let locked = organisation_file::lock(tx, ods).await?.filter(|(_, keeper)| organisation_file::is_portals(keeper));
    let Some((row, _)) = locked else { return Ok(()) };
    let version = (now - MARGIN).as_microsecond();
    Store::publish(tx, now, &[PartnersChanged { version, organisation: Some(row), system: None }]).await
}

/// What the organisation receives by the schedule that counts today. `None`: nothing is signed here.
fn receives(records: &AgreementRecords, versions: &Versions, today: Date) -> Option<BTreeSet<Dataset>> {
    signatures::agreed_schedule(records, versions, today).map(|schedule| schedule.receives)
}

/// Decides anew whether the agreement of one organisation is in force, and stores and publishes it if that changed.
pub(super) async fn renew(
    tx: &DatabaseTransaction,
    versions: &Versions,
    ods: &OdsCode,
    now: Timestamp,
) -> Result<(), DbErr> {
    let locked = organisation_file::lock(tx, ods).await?.filter(|(_, keeper)| organisation_file::is_portals(keeper));
    let (Some((row, _)), Some(file)) = (locked, organisation_file::find(tx, ods).await?) else { return Ok(()) };
    let opened = OpenOrganisation { row, file, is_operators: false };
    let records = agreement::load(tx, opened.file.registration).await?;
    let what = match (opened.row.agreement_signed, opened.has_agreement(&records, versions, now)) {
        (true, false) => "The agreement is no longer in force",
        (false, true) => "The agreement is in force",
        _ if opened.row.receives != receives(&records, versions, london::date(now)) => {
            "The datasets that the organisation receives changed"
        }
        _ => return Ok(()),
    };
    opened.store(tx, versions, &[platform_entry(ods, what, now)], now).await
}

#[cfg(test)]
#[path = "renewal_tests.rs"]
mod tests;
