//! What ends when an organisation leaves: its systems, sign-in providers, clients and SCIM token. Nothing of the time before may
//! work again only because the organisation registers again.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    registrar::PartnerSet,
    registry::{DatasetSwitch, PartnerState, Stage, StageRule, System},
};
use lcr_model::{OdsCode, SourceId};
use lcr_store::Store;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::lifecycle::words_of_moves;
use crate::{
    store::{
        check_report, client, directory_setting, partner_change, provider,
        registry::{self, ManagedBy},
        system_row,
    },
    systems,
};

/// Stops all that the organisation has set up, so that it has to be checked anew, after its row is stored. A system that the
/// operator keeps stays the operator's.
pub async fn stop_connections(tx: &DatabaseTransaction, ods: &OdsCode, now: Timestamp) -> Result<(), DbErr> {
    provider::delete_of(tx, ods).await?;
    client::suspend_of(tx, ods).await?;
    directory_setting::delete_scim_token(tx, ods, now).await?;
    // A system that was stored with the row in this write needs a later version, or the other services drop this one.
    let at = now + SignedDuration::from_micros(1);
    let mut events = Vec::new();
    for id in ids_of(tx, ods).await? {
        let Some(row) = system_row::find_for_change(tx, &id).await? else { continue };
        check_report::delete(tx, &id).await?;
        if row.keeper == ManagedBy::Operator.as_str() {
            let stopped = systems::stopped_until_checked(row.system);
            events.push(system_row::store_stages(tx, stopped, at.as_microsecond()).await?);
            continue;
        }
        let set = PartnerSet { systems: vec![stopped(row.system)], ..PartnerSet::default() };
        events.extend(registry::store_all(tx, ManagedBy::Portal, set, at.as_microsecond()).await?.0);
    }
    Store::publish(tx, at, &events).await
}

/// Whether the organisation has ever left, also if it has come back since.
pub async fn has_ever_left(db: &impl ConnectionTrait, ods: &OdsCode) -> Result<bool, DbErr> {
    Ok(partner_change::last_at(db, ods, words_of_moves(PartnerState::Left)).await?.is_some())
}

async fn ids_of(tx: &DatabaseTransaction, ods: &OdsCode) -> Result<Vec<SourceId>, DbErr> {
    let stored = registry::load(tx).await?.systems.into_iter();
    Ok(stored.filter(|system| system.organisation == *ods).map(|system| system.id).collect())
}

/// The system as a new one is: not live, and each dataset switched off for everybody.
fn stopped(mut system: System) -> System {
    let given = system.datasets.iter().filter(|(_, switch)| **switch == DatasetSwitch::On);
    let off = |dataset| StageRule { dataset, unit: None, receiver: None, stage: Stage::Off };
    system.setup.stages.rules = given.map(|(dataset, _)| off(*dataset)).collect();
    system.setup.end_live();
    system
}
