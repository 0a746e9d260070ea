//! The history of what the operator changes, in the same tables as that of the portal: an entry for each row, and a notice for
//! each step of a switch-on to those whom it reaches. It must name no person: Git knows who made the change.

use jiff::Timestamp;
use lcr_contracts::{
    events::PartnersChanged,
    partners::system::SwitchStep,
    registry::{Registry, Stage, System},
};
use lcr_model::{OdsCode, SourceId, UserId};
use sea_orm::{DatabaseTransaction, DbErr};
use uuid::Uuid;

use crate::{
    changed_fields,
    store::{
        partner_change::{self, NewEntry},
        switch_step::{self, NewStep},
    },
    systems,
};

/// The operators, as a history names them.
const OPERATORS: &str = "the platform's operators, by a PartnerSystem";

fn operator() -> UserId {
    UserId::new("operator")
}

/// Stores an entry for each changed row. `before` are the rows as they were.
pub async fn record(
    tx: &DatabaseTransaction,
    before: &Registry,
    changes: &[PartnersChanged],
    now: Timestamp,
) -> Result<(), DbErr> {
    for change in changes {
        if let Some(organisation) = &change.organisation {
            let signed = if organisation.agreement_signed { "in force" } else { "not in force" };
            let what = format!("Changed the organisation: it is {}, and its agreement is {signed}", organisation.state);
            partner_change::insert(tx, &entry(&organisation.ods, None, what, now)).await?;
        }
        if let Some(system) = &change.system {
            let what = describe(before.system(&system.id), system);
            partner_change::insert(tx, &entry(&system.organisation, Some(&system.id), what, now)).await?;
        }
    }
    Ok(())
}

/// The change of a system as a sentence. Only one that was not suspended before is suspended by it.
fn describe(before: Option<&System>, system: &System) -> String {
    let was_suspended = before.is_some_and(|before| before.suspended);
    match before {
        _ if system.suspended && !was_suspended => format!("Suspended the system {}", system.id),
        None => format!("Set up the system {}", system.id),
        Some(before) => format!("Changed the system {}{}", system.id, changed_fields::of_system(before, system)),
    }
}

fn entry(organisation: &OdsCode, system: Option<&SourceId>, what: String, now: Timestamp) -> NewEntry {
    NewEntry {
        id: Uuid::now_v7(),
        organisation: organisation.clone(),
        at: now,
        by: OPERATORS.to_owned(),
        user: operator(),
        what,
        reason: String::new(),
        system: system.cloned(),
    }
}

/// Stores a step for each stage that is another than before. `rows` are the systems that were stored. A system that was not
/// there was off.
pub async fn record_steps(
    tx: &DatabaseTransaction,
    sign_offs: &[SwitchStep],
    before: &Registry,
    rows: &[System],
    now: Timestamp,
) -> Result<(), DbErr> {
    for step in sign_offs {
        let is_in_force = |row: &System| row.id == step.system && row.setup.stages.rules.contains(&step.rule);
        let from = stage_before(before, step);
        if from != step.rule.stage && rows.iter().any(is_in_force) {
            let user = operator();
            let new = NewStep { id: Uuid::now_v7(), at: now, step, from, by: OPERATORS.to_owned(), user: &user };
            switch_step::insert(tx, new).await?;
        }
    }
    Ok(())
}

fn stage_before(before: &Registry, step: &SwitchStep) -> Stage {
    let row = before.system(&step.system);
    row.map_or(Stage::Off, |row| systems::current_stage(&row.setup.stages, &step.rule))
}
