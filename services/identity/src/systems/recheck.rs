//! The operator's systems of an organisation that has left (S-68). Whatever the resource says, such a system must not be live again
//! before its connection as it is then has passed a new check.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::registry::{Stage, StageRule, System};
use lcr_model::SourceId;
use sea_orm::{ConnectionTrait, DbErr};

use super::fingerprint::{agreed, fingerprint};
use crate::store::check_report;

const UNCHECKED: &str =
    "its organisation had left; it is live once an administrator has run its check and it has passed";

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

/// Takes each system of these rows out of live that still needs its check. Returns them with a sentence. `rows` must be as they
/// are to be stored: a report of another connection does not count.
pub async fn hold_unchecked(tx: &impl ConnectionTrait, rows: &mut [System]) -> Result<BTreeMap<String, String>, DbErr> {
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
    }
    Ok(held)
}

#[cfg(test)]
#[path = "recheck_tests.rs"]
mod tests;
