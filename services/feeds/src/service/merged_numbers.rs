//! Checks whether a merge would join two NHS numbers. patient-index refuses that, so the message waits with a reason.
//! Only details from the same source may be compared.

use lcr_contracts::events::SourcePatient;
use lcr_model::{LocalId, NhsNumber, SourceIdentity, seal::DataKeys};
use sea_orm::DbErr;

use super::legacy_ids::{find_legacy_details, person_row_id};
use crate::{
    domain::{MappedEvent, PatientUpdate},
    store::last_known::LastKnown,
};

/// Why such a merge waits. Stored with messages.
pub const TWO_NHS_NUMBERS_REASON: &str = "the merged records have two different NHS numbers: they stay apart until their sender or a data steward has decided";

/// Whether any merge of the message joins two different NHS numbers.
pub async fn joins_two_nhs_numbers(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    mapped: &[MappedEvent],
) -> Result<bool, DbErr> {
    for event in mapped {
        let MappedEvent::Demographics(patient) = event else { continue };
        if patient.replaces.is_empty() {
            continue;
        }
        let survivor = survivor_number(last_known, keys, patient).await?;
        for replaced in &patient.replaces {
            let other = last_known_details(last_known, keys, patient, replaced).await?.and_then(valid_number);
            if survivor.as_ref().zip(other.as_ref()).is_some_and(|(survivor, other)| survivor != other) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The survivor's NHS number after this message.
async fn survivor_number(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    patient: &PatientUpdate,
) -> Result<Option<NhsNumber>, DbErr> {
    let known = last_known_details(last_known, keys, patient, &patient.identity.local_id).await?;
    Ok(valid_number(patient.clone().apply_to(known)))
}

fn valid_number(patient: SourcePatient) -> Option<NhsNumber> {
    NhsNumber::parse(&patient.nhs_number?).ok()
}

/// The source's last known details of an id in the message: under the hash, else under the unhashed number.
async fn last_known_details(
    last_known: &LastKnown<'_>,
    keys: &DataKeys,
    patient: &PatientUpdate,
    local_id: &LocalId,
) -> Result<Option<SourcePatient>, DbErr> {
    let identity = SourceIdentity { source: patient.identity.source.clone(), local_id: local_id.clone() };
    let id = person_row_id(&identity.source, local_id);
    let Some(row) = last_known.get(&id).await? else {
        let legacy = find_legacy_details(last_known, keys, &identity, &patient.assigned).await?;
        return Ok(legacy.map(|(_, patient)| patient));
    };
    let plain = row.sealed.and_then(|sealed| keys.open(&format!("feeds/people/{id}"), &sealed).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}
