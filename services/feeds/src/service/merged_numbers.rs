//! Whether a merge would make one person of two NHS numbers. The index refuses that, so such a message waits with its
//! reason. It reads only what the same source said of its own numbers before.

use lcr_contracts::events::SourcePatient;
use lcr_model::{LocalId, NhsNumber, SourceIdentity, seal::DataKeys};
use sea_orm::{DatabaseTransaction, DbErr};

use super::in_clear::person_row;
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
            let other = number_of(tx, keys, &told.identity, replaced).await?;
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
    let held = patient(tx, keys, &told.identity, &told.identity.local_id).await?;
    Ok(valid(told.clone().over(held)))
}

async fn number_of(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    of_source: &SourceIdentity,
    local_id: &LocalId,
) -> Result<Option<NhsNumber>, DbErr> {
    Ok(patient(tx, keys, of_source, local_id).await?.and_then(valid))
}

fn valid(patient: SourcePatient) -> Option<NhsNumber> {
    NhsNumber::parse(&patient.nhs_number?).ok()
}

/// What the source last said of one of its numbers.
async fn patient(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    of_source: &SourceIdentity,
    local_id: &LocalId,
) -> Result<Option<SourcePatient>, DbErr> {
    let id = person_row(&of_source.source, local_id);
    let sealed = held::get(tx, &id).await?.and_then(|row| row.sealed);
    let plain = sealed.and_then(|sealed| keys.open(&format!("feeds/people/{id}"), &sealed).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}
