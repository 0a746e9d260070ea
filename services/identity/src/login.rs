//! A patient's sign-in as a source of demographics: the index links a login to a person as it links everybody,
//! by number and birth date, and consent and audit learn from it whose own record a patient may ask for. It says
//! nothing of practice, address or death.

use jiff::Timestamp;
use lcr_contracts::events::{DemographicsReceived, LOGIN_SOURCE, SourcePatient};
use lcr_model::{LocalId, SourceId, SourceIdentity, UserId, seal::DataKeys};
use sea_orm::DbErr;

use crate::oidc::callback::Proofed;

/// A name for what was proofed: the same again needs no telling.
pub fn hash(proofed: &Proofed, keys: &DataKeys) -> String {
    let Proofed { nhs_number, birth_date, family, given } = proofed;
    keys.hash_name(&format!("proofed/{nhs_number}/{birth_date}/{family}/{given}"))
}

/// The event to publish with the session, when it says something new.
pub fn demographics(
    user: &UserId,
    proofed: &Proofed,
    keys: &DataKeys,
    now: Timestamp,
) -> Result<DemographicsReceived, DbErr> {
    let source = SourceId::new(LOGIN_SOURCE);
    let patient = SourcePatient {
        source: source.clone(),
        nhs_number: Some(proofed.nhs_number.clone()),
        nhs_number_verified: true,
        family: proofed.family.clone(),
        given: proofed.given.clone(),
        title: None,
        birth_date: Some(proofed.birth_date),
        gender: "unknown".to_owned(),
        address: None,
        postcode: None,
        practice: None,
        died: false,
        restricted: false,
        authority: false,
        gp_registration: false,
        replaces: vec![],
        active: true,
        links: vec![],
    };
    let plain = serde_json::to_vec(&patient).map_err(|e| DbErr::Json(e.to_string()))?;
    let sealed = keys.seal("feeds/demographics", &plain).map_err(|e| DbErr::Custom(e.to_string()))?;
    let identity = SourceIdentity { source, local_id: LocalId(user.0.clone()) };
    Ok(DemographicsReceived { identity, version: now.as_microsecond(), sealed })
}
