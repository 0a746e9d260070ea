//! Stores the steps of the switch-on: in the registry's row, which decides who sees the data, and as a notice to those it
//! reaches. A step must never be undone by a row that is sent again: a seed leaves the stages that are here, and those that a
//! `PartnerSystem` states are changed there alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use lcr_contracts::{
    Failure,
    partners::{ChangeResult, PartnerReceipt, system::SwitchStep},
    registry::{DatasetSwitch, Stage, StageRule, Stages, System},
};
use lcr_model::{Dataset, OdsCode};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{
    edit::{self, ChangeError, conflict},
    fingerprint::fingerprint,
    known_codes,
    live::check_obstacle,
    new_datasets::switch_off_new,
    switch,
};
use crate::{
    partners::Author,
    service::Service,
    store::{
        self, check_report,
        registry::ManagedBy,
        switch_step::{self, NewStep},
        system_row,
    },
};

/// Takes one step. It is in force as soon as its event is read, which takes less than a second.
pub async fn switch(service: &Service, author: Author, step: SwitchStep) -> Result<PartnerReceipt, Failure> {
    edit::require_own_administrator(&author)?;
    let write = edit::write(service, async move |tx| {
        edit::require_active(&tx, &author.organisation).await?;
        let system_row::SystemRow { mut system, keeper } = edit::find_own(&tx, &author, &step.system).await?;
        require_own_stages(&system)?;
        let from = check_step(&system, &step)?;
        known_codes::require_rule(&tx, &author.organisation, &system.setup.stages, &step.rule).await?;
        // Systems of a seed are for trials and never pass a check.
        if step.rule.stage > from && keeper != ManagedBy::Seed.as_str() {
            require_checked(&tx, &system, author.now).await?;
        }
        let capped = system.setup.stages.step(step.rule.clone());
        let event = system_row::store_stages(&tx, system, author.now.as_microsecond()).await?;
        let what = describe(&step, from, capped.len());
        let entry = author.entry(what, Some(&step.system));
        let new =
            NewStep { id: entry.id, at: author.now, step: &step, from, by: author.words(), user: &author.actor.user };
        switch_step::insert(&tx, new.clone()).await?;
        for (rule, from) in capped {
            let step = SwitchStep { rule, ..step.clone() };
            switch_step::insert(&tx, NewStep { id: Uuid::now_v7(), step: &step, from, ..new.clone() }).await?;
        }
        store::partner_change::insert(&tx, &entry).await?;
        lcr_store::Store::publish(&tx, author.now, &[event]).await?;
        Ok(crate::partners::receipt(&entry, ChangeResult::Done))
    });
    write.await
}

/// Refuses a change of stages that the operator's resource states. Its next pass would undo the change.
pub fn require_own_stages(system: &System) -> Result<(), Failure> {
    if !system.setup.stages_by_operator {
        return Ok(());
    }
    let words = "which the platform's operators change; change it there.";
    Err(conflict(format!("Its switch-on is kept in the cluster's PartnerSystem {}, {words}", system.id)))
}

/// Refuses a step of a dataset that the system does not give, and a step forward while nobody can have seen its data.
fn check_step(system: &System, step: &SwitchStep) -> Result<Stage, Failure> {
    if system.datasets.get(&step.rule.dataset) != Some(&DatasetSwitch::On) {
        return Err(Failure::bad_request("This system does not give this dataset."));
    }
    let from = switch::check(&system.setup.stages, step)?;
    if step.rule.stage > from && system.is_stopped() {
        return Err(conflict("The system is not live, so nobody can have tried its data. Take it live first."));
    }
    Ok(from)
}

/// Refuses to show more of a connection that has not passed its check as it is now.
async fn require_checked(tx: &impl ConnectionTrait, system: &System, now: Timestamp) -> Result<(), ChangeError> {
    let reports = check_report::list(tx, &[&system.id]).await?;
    let report = reports.get(&system.id).filter(|stored| stored.fingerprint == fingerprint(system));
    match check_obstacle(report.map(|stored| &stored.report), now) {
        Some(why) => Err(conflict(why).into()),
        None => Ok(()),
    }
}

/// The step as a sentence. `capped` counts the rules of one receiver or unit that went back with it.
fn describe(step: &SwitchStep, from: Stage, capped: usize) -> String {
    let StageRule { dataset, unit, receiver, stage } = &step.rule;
    let unit = unit.as_ref().map(|unit| format!(" of unit {unit}")).unwrap_or_default();
    let receiver = receiver.as_ref().map(|one| format!(" for {one}")).unwrap_or_default();
    let (name, from, to) = (dataset.title(), from.as_str(), stage.as_str());
    let sign_off = match step.signed_off_by.trim() {
        "" => String::new(),
        who => format!(", signed off by {who}"),
    };
    let also = match capped {
        0 => String::new(),
        count => format!(", and {count} stages of single receivers or units with it"),
    };
    format!("Switched {name}{unit} of the system {}{receiver} from {from} to {to}{also}{sign_off}", step.system)
}

/// Gives each row that a seed or the operator sends the stages that count. A system of the operator that is new here begins
/// switched off, unless its resource states the stages, and so does a dataset that it newly gives. A row also keeps
/// whether its system was live before and needs a check, which is never the sender's to say. `signed` are the organisations whose agreement is in
/// force; only what the operator sends needs it.
pub async fn keep_stages(
    tx: &impl ConnectionTrait,
    by: ManagedBy,
    systems: &mut [System],
    signed: &BTreeSet<OdsCode>,
) -> Result<(), DbErr> {
    if systems.is_empty() {
        return Ok(());
    }
    let stored = store::registry::load(tx).await?;
    for system in systems {
        let before = stored.system(&system.id);
        let sent = std::mem::take(&mut system.setup.stages);
        let is_operators = by == ManagedBy::Operator;
        system.setup.stages_by_operator = is_operators && !sent.rules.is_empty();
        system.setup.stages = match before {
            Some(stored) => kept(by, &stored.setup.stages, sent),
            None if is_operators && sent.rules.is_empty() => switched_off(&system.datasets),
            None => sent,
        };
        let was_live = before.is_some_and(|before| before.setup.live || before.setup.was_live);
        system.setup.was_live = !system.setup.live && was_live;
        system.setup.needs_check = before.and_then(|before| needs_check(before, system.setup.live));
        if let Some(before) = before.filter(|_| is_operators) {
            let is_signed = signed.contains(&system.organisation);
            switch_off_new(before, system, is_signed);
        }
    }
    Ok(())
}

/// Whether a system needs a check after its row is sent again. A row that goes into or out of live says so from then on.
fn needs_check(before: &System, is_live: bool) -> Option<bool> {
    if before.setup.live == is_live { before.setup.needs_check } else { Some(before.setup.must_be_checked()) }
}

/// The stages after a row is sent again. The operator's rules replace those here, and a row without rules leaves all. A seed
/// gives a row only its first stages. What receivers declined is never the sender's.
fn kept(by: ManagedBy, stored: &Stages, sent: Stages) -> Stages {
    let declined = stored.declined.clone();
    let is_untouched = *stored == Stages { declined: declined.clone(), ..Stages::default() };
    let counts = !sent.rules.is_empty() && (by == ManagedBy::Operator || is_untouched);
    if counts { Stages { declined, ..sent } } else { stored.clone() }
}

/// Every dataset switched off for everybody, also those that are agreed only later.
fn switched_off(datasets: &BTreeMap<Dataset, DatasetSwitch>) -> Stages {
    let mut stages = Stages::default();
    for dataset in datasets.keys() {
        stages.set(StageRule { dataset: *dataset, unit: None, receiver: None, stage: Stage::Off });
    }
    stages
}

#[cfg(test)]
#[path = "stages_tests.rs"]
mod tests;
