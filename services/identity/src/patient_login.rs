//! A patient's sign-in as a source of demographics. Patient-index links it to a person by number and birth date, like any
//! other identity. Consent and audit learn from the link which record is the patient's own. It must never carry a practice,
//! an address or a death.

use jiff::Timestamp;
use lcr_contracts::events::{DemographicsReceived, LOGIN_SOURCE, SourcePatient};
use lcr_model::{LocalId, SourceId, SourceIdentity, UserId, seal::DataKeys};
use sea_orm::DbErr;

use crate::oidc::claims::VerifiedPatient;

/// A keyed hash of the verified data. An unchanged hash needs no new event.
pub fn hash_patient(patient: &VerifiedPatient, keys: &DataKeys) -> String {
    let VerifiedPatient { nhs_number, birth_date, family, given } = patient;
    keys.hash_name(&format!("proofed/{nhs_number}/{birth_date}/{family}/{given}"))
}

/// The event about a patient's sign-in, sealed.
pub fn to_demographics(
    user: &UserId,
    verified: &VerifiedPatient,
    keys: &DataKeys,
    now: Timestamp,
) -> Result<DemographicsReceived, DbErr> {
    let source = SourceId::new(LOGIN_SOURCE);
    let patient = SourcePatient {
        nhs_number: Some(verified.nhs_number.clone()),
        nhs_number_verified: true,
        family: verified.family.clone(),
        given: verified.given.clone(),
        birth_date: Some(verified.birth_date),
        ..SourcePatient::without_details(source.clone())
    };
    let plain = serde_json::to_vec(&patient).map_err(|e| DbErr::Json(e.to_string()))?;
    let sealed = keys.seal("feeds/demographics", &plain).map_err(|e| DbErr::Custom(e.to_string()))?;
    let identity = SourceIdentity { source, local_id: LocalId(user.0.clone()) };
    Ok(DemographicsReceived { identity, version: now.as_microsecond(), sealed })
}
