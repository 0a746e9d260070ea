//! What a system of the operator may give if the portal keeps its organisation: nothing beyond the schedule that was signed
//! there. A resource must never share what nobody has agreed to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::registry::{DatasetSwitch, System};
use lcr_model::london;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::organisations;

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
