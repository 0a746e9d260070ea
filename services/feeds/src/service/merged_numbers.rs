//! Whether a merge would make one person of two NHS numbers. The index refuses that, so such a message waits with its
//! reason. It reads only what the same source said of its own numbers before.

use lcr_contracts::events::SourcePatient;
use lcr_model::{LocalId, NhsNumber, SourceIdentity, seal::DataKeys};
use sea_orm::{DatabaseTransaction, DbErr};

use super::in_clear::{person_row, said_before};
use crate::{
    domain::{Mapped, PatientTold},
    store::held,
};

/// Said of a merge that waits.
pub const WORDS: &str = "the merged records have two different NHS numbers: they stay apart until their sender or a data steward has decided";

/// Whether any merge of the message joins two different NHS numbers.
pub async fn differ(tx: &DatabaseTransaction, keys: &DataKeys, mapped: &[Mapped]) -> Result<bool, DbErr> {
    for one in mapped {
        let Mapped::Demographics(told) = one else { continue };
        if told.replaces.is_empty() {
            continue;
        }
        let survivor = number_now(tx, keys, told).await?;
        for replaced in &told.replaces {
            let other = patient(tx, keys, told, replaced).await?.and_then(valid);
            if survivor.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one != other) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The survivor's number once the message is taken in.
async fn number_now(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    told: &PatientTold,
) -> Result<Option<NhsNumber>, DbErr> {
    let held = patient(tx, keys, told, &told.identity.local_id).await?;
    Ok(valid(told.clone().over(held)))
}

fn valid(patient: SourcePatient) -> Option<NhsNumber> {
    NhsNumber::parse(&patient.nhs_number?).ok()
}

/// What the source last said of one of the numbers that the message names: under its hash, else in clear.
async fn patient(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    told: &PatientTold,
    local_id: &LocalId,
) -> Result<Option<SourcePatient>, DbErr> {
    let identity = SourceIdentity { source: told.identity.source.clone(), local_id: local_id.clone() };
    let id = person_row(&identity.source, local_id);
    let Some(row) = held::get(tx, &id).await? else {
        let before = said_before(tx, keys, &identity, &told.assigned).await?;
        return Ok(before.map(|(_, patient)| patient));
    };
    let plain = row.sealed.and_then(|sealed| keys.open(&format!("feeds/people/{id}"), &sealed).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}
