//! What a system of the operator may give if the portal keeps its organisation: nothing beyond the schedule that was signed
//! there. A resource must never share what nobody has agreed to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use lcr_contracts::registry::{DatasetSwitch, Organisation, System};
use lcr_model::{OdsCode, london};
use sea_orm::{DatabaseTransaction, DbErr};

use super::MANAGER;
use crate::{organisations, store::registry};

/// The organisations whose agreement is in force with this set: of the set itself, and of those that others keep. `refused` are
/// those of the set whose row somebody else keeps.
pub async fn signed(
    tx: &DatabaseTransaction,
    set: &[Organisation],
    refused: &BTreeMap<OdsCode, String>,
) -> Result<BTreeSet<OdsCode>, DbErr> {
    let others = registry::rows_managed_by(tx, MANAGER, false).await?.organisations;
    let of_set = set.iter().filter(|one| !refused.contains_key(&one.ods));
    let signed = of_set.chain(&others).filter(|one| one.agreement_signed);
    Ok(signed.map(|one| one.ods.clone()).collect())
}

/// Switches off the datasets that the schedule does not have. Returns the systems that named such datasets, with a sentence.
pub async fn remove_unagreed(
    tx: &DatabaseTransaction,
    systems: &mut [System],
    now: Timestamp,
) -> Result<BTreeMap<String, String>, DbErr> {
    let mut refused = BTreeMap::new();
    for system in systems {
        let Some(schedule) = organisations::schedule(tx, &system.organisation, london::date(now)).await? else {
            continue;
        };
        let mut beyond = Vec::new();
        for (dataset, switch) in &mut system.datasets {
            if *switch == DatasetSwitch::On && !schedule.gives.contains(dataset) {
                *switch = DatasetSwitch::NotAgreed;
                beyond.push(dataset.title());
            }
        }
        if !beyond.is_empty() {
            let words = "it is stored without these datasets, which the signed schedule does not have";
            refused.insert(system.id.to_string(), format!("{words}: {}", beyond.join(", ")));
        }
    }
    Ok(refused)
}
