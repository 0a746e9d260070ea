//! How far an organisation comes by what it has set up: its systems and sign-in providers with their checks. It must never move an
//! organisation back.

use jiff::Timestamp;
use lcr_contracts::{
    events::PartnersChanged,
    partners::system::{SystemStatus, have_passed},
    registry::Organisation,
};
use lcr_model::OdsCode;
use sea_orm::{DatabaseTransaction, DbErr};

use super::lifecycle::{StateEvent, advance, steps_after, walk};
use crate::{
    store::{partner_change::NewEntry, provider, registry},
    systems,
};

/// What follows from all that an organisation has set up. `None`: it has set up nothing that it needs.
async fn event_of_setup(tx: &DatabaseTransaction, ods: &OdsCode) -> Result<Option<StateEvent>, DbErr> {
    let mut systems = systems::load_statuses(tx, &registry::load(tx).await?, ods).await?;
    systems.retain(|system| !system.suspended);
    let providers = provider::list_of(tx, ods).await?;
    if systems.is_empty() && providers.is_empty() {
        return Ok(None);
    }
    let has_all_passed =
        systems.iter().all(SystemStatus::has_passed) && providers.iter().all(|provider| have_passed(&provider.checks));
    Ok(Some(if has_all_passed { StateEvent::Passed } else { StateEvent::Connected }))
}

/// Moves a row on as far as all that is set up allows. Returns an entry of the history for each step.
pub async fn walk_by_setup(
    tx: &DatabaseTransaction,
    row: &mut Organisation,
    now: Timestamp,
) -> Result<Vec<NewEntry>, DbErr> {
    let Some(event) = event_of_setup(tx, &row.ods).await? else { return Ok(vec![]) };
    let steps = steps_after(row.state, event);
    Ok(walk(row, steps, now))
}

/// Moves an organisation of the portal on as far as all that it has set up allows. Returns the events to publish.
pub async fn advance_by_setup(
    tx: &DatabaseTransaction,
    ods: &OdsCode,
    now: Timestamp,
) -> Result<Vec<PartnersChanged>, DbErr> {
    match event_of_setup(tx, ods).await? {
        Some(event) => advance(tx, ods, event, now).await,
        None => Ok(vec![]),
    }
}
