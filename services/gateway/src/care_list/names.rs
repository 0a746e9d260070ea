//! The names of people in care, from patient-index, which decides about each and records the list. They must never be asked
//! for unless the page shows them.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::{Failure, care_list::PersonInCare, patient_index::PatientSummary};
use lcr_model::{PersonId, ViewId};

use crate::web::session::SignedInReader;

pub(crate) type Names = BTreeMap<PersonId, PatientSummary>;

/// The summaries of these people, under one view. Nobody is asked for if there is nobody.
pub(crate) async fn load_names(reader: &SignedInReader, people: &[PersonInCare]) -> Result<Names, Failure> {
    let mut known = BTreeSet::new();
    let ids: Vec<PersonId> = people.iter().map(|one| one.person).filter(|person| known.insert(*person)).collect();
    if ids.is_empty() {
        return Ok(Names::new());
    }
    let found = reader.app.deps.patient_index.summaries(&reader.caller(), ids, ViewId::new()).await?;
    Ok(found.into_iter().map(|patient| (patient.id, patient)).collect())
}
