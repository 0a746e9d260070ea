//! The operator's systems of an organisation that has left (S-68). Whatever the resource says, such a system must not be live again
//! before its connection as it is then has passed a new check.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::registry::{Registry, Stage, StageRule, System};
use lcr_model::SourceId;
use sea_orm::{ConnectionTrait, DbErr};

use super::fingerprint::{agreed, fingerprint};
use crate::{organisations, store::check_report};

const UNCHECKED: &str = "This system must pass a check before it goes live again.";

/// The system as it is when its organisation leaves: not live, and each dataset switched off for everybody, unless its resource
/// states the stages.
pub fn stopped_until_checked(mut system: System) -> System {
    if !system.setup.stages_by_operator {
        // What had lapsed comes back as something new, switched off.
        system.setup.lapsed = BTreeSet::new();
        let off = |dataset| StageRule { dataset, unit: None, receiver: None, stage: Stage::Off };
        system.setup.stages.rules = agreed(&system).into_iter().map(off).collect();
    }
    system.setup.end_live();
    system.setup.needs_check = Some(true);
    system
}

/// Takes each system of these rows out of live that still needs its check. Returns them with a sentence. `before` are the rows as
/// they were. `rows` must be as they are to be stored: a report of another connection does not count.
pub async fn hold_unchecked(
    tx: &impl ConnectionTrait,
    before: &Registry,
    rows: &mut [System],
) -> Result<BTreeMap<String, String>, DbErr> {
    restore_lost_marks(tx, before, rows).await?;
    let waiting: Vec<SourceId> =
        rows.iter().filter(|row| row.setup.must_be_checked()).map(|row| row.id.clone()).collect();
    if waiting.is_empty() {
        return Ok(BTreeMap::new());
    }
    let reports = check_report::list(tx, &waiting.iter().collect::<Vec<_>>()).await?;
    let mut held = BTreeMap::new();
    for system in rows.iter_mut().filter(|row| row.setup.must_be_checked()) {
        let report = reports.get(&system.id).filter(|stored| stored.fingerprint == fingerprint(system));
        if report.is_some_and(|stored| stored.report.passed()) {
            system.setup.needs_check = Some(false);
            continue;
        }
        if system.setup.live {
            held.insert(system.id.to_string(), UNCHECKED.to_owned());
        }
        system.setup.end_live();
        // That its resource asks for it to be live does not mean that it was.
        system.setup.was_live = before.system(&system.id).is_some_and(|row| row.setup.live || row.setup.was_live);
    }
    Ok(held)
}

/// Marks each system that may have lost its mark: it was never live, so that `must_be_checked` cannot tell, and its organisation has
/// left. A version without the field drops the mark when it writes the row.
async fn restore_lost_marks(tx: &impl ConnectionTrait, before: &Registry, rows: &mut [System]) -> Result<(), DbErr> {
    for system in rows {
        let stored = before.system(&system.id);
        let may_have_lost = stored.is_some_and(|row| row.is_joining() && row.setup.needs_check.is_none());
        if may_have_lost && organisations::has_ever_left(tx, &system.organisation).await? {
            system.setup.needs_check = Some(true);
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "recheck_tests.rs"]
mod tests;
