//! What ends when an organisation leaves: its systems, sign-in providers, clients and SCIM token. Nothing of the time before may
//! work again only because the organisation registers again.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    registrar::PartnerSet,
    registry::{DatasetSwitch, Stage, StageRule, System},
};
use lcr_model::{OdsCode, SourceId};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::store::{
    check_report, client, directory_setting, provider,
    registry::{self, ManagedBy},
    system_row,
};

/// Stops all that the organisation has set up, so that it has to be checked anew, after its row is stored. A system that the
/// operator keeps is stopped by the organisation's state alone.
pub async fn stop_connections(tx: &DatabaseTransaction, ods: &OdsCode, now: Timestamp) -> Result<(), DbErr> {
    provider::delete_of(tx, ods).await?;
    client::suspend_of(tx, ods).await?;
    directory_setting::delete_scim_token(tx, ods, now).await?;
    let set = PartnerSet { systems: stopped_systems(tx, ods).await?, ..PartnerSet::default() };
    // A system that was stored with the row in this write needs a later version, or the other services drop this one.
    let at = now + SignedDuration::from_micros(1);
    let (events, _) = registry::store_all(tx, ManagedBy::Portal, set, at.as_microsecond()).await?;
    Store::publish(tx, at, &events).await
}

async fn stopped_systems(tx: &DatabaseTransaction, ods: &OdsCode) -> Result<Vec<System>, DbErr> {
    let stored = registry::load(tx).await?.systems.into_iter();
    let ids: Vec<SourceId> = stored.filter(|system| system.organisation == *ods).map(|system| system.id).collect();
    let mut systems = Vec::with_capacity(ids.len());
    for id in &ids {
        let row = system_row::find_for_change(tx, id).await?;
        let Some(row) = row.filter(|row| row.keeper != ManagedBy::Operator.as_str()) else { continue };
        check_report::delete(tx, id).await?;
        systems.push(stopped(row.system));
    }
    Ok(systems)
}

/// The system as a new one is: not live, and each dataset switched off for everybody.
fn stopped(mut system: System) -> System {
    let given = system.datasets.iter().filter(|(_, switch)| **switch == DatasetSwitch::On);
    let off = |dataset| StageRule { dataset, unit: None, receiver: None, stage: Stage::Off };
    system.setup.stages.rules = given.map(|(dataset, _)| off(*dataset)).collect();
    system.setup.end_live();
    system
}
