//! Finds the person of a launch. Consent decides and audit records it like a search. It must never open somebody who only
//! resembles the patient: one person with this number and this birth date, or nobody.

use jiff::civil::Date;
use lcr_contracts::{
    Failure,
    identity::LaunchPatient,
    patient_index::{SearchAnswer, SearchQuery},
};
use lcr_model::PersonId;

use crate::web::session::SignedInReader;

pub(super) async fn find(reader: &SignedInReader, patient: LaunchPatient) -> Result<Option<PersonId>, Failure> {
    let (index, caller) = (&reader.app.deps.patient_index, reader.caller());
    let person = match patient {
        LaunchPatient::Number { nhs_number, birth_date } => {
            let number = Some(nhs_number.as_ref().as_str().to_owned());
            let found = index.search(&caller, SearchQuery { nhs_number: number, ..SearchQuery::default() }).await?;
            only_match(&found, *birth_date.as_ref())
        }
        LaunchPatient::Record(identity) => index.person_of(&caller, identity).await?.map(|summary| summary.id),
    };
    if person.is_none() {
        tracing::warn!("a launch was refused: it names no person, several, or another birth date");
    }
    Ok(person)
}

/// The one person found, if the birth date is theirs. A search by number does not compare birth dates.
fn only_match(found: &SearchAnswer, birth_date: Date) -> Option<PersonId> {
    match found.people.as_slice() {
        [one] if !found.more && one.birth_date == Some(birth_date) => Some(one.id),
        _ => None,
    }
}

#[cfg(test)]
#[path = "person_tests.rs"]
mod tests;
