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
mod tests {
    use jiff::civil::date;
    use lcr_contracts::patient_index::PatientSummary;
    use uuid::Uuid;

    use super::*;

    fn summary(id: u128, birth_date: Option<Date>) -> PatientSummary {
        PatientSummary {
            id: PersonId(Uuid::from_u128(id)),
            nhs_number: None,
            family: "Smith".into(),
            given: "Fredrica".into(),
            title: None,
            birth_date,
            sex: "female".into(),
            died: false,
            location_protected: false,
            address: None,
            address_withheld: false,
            matched_on: String::new(),
        }
    }

    #[test]
    fn only_one_person_with_the_birth_date_is_opened() {
        let born = date(1945, 7, 14);
        let found = |people: &[PatientSummary], more| SearchAnswer { people: people.to_vec(), more };
        let hers = summary(1, Some(born));
        assert_eq!(only_match(&found(std::slice::from_ref(&hers), false), born), Some(hers.id));
        assert_eq!(only_match(&found(std::slice::from_ref(&hers), false), date(1945, 7, 15)), None);
        assert_eq!(only_match(&found(std::slice::from_ref(&hers), true), born), None);
        assert_eq!(only_match(&found(&[hers, summary(2, Some(born))], false), born), None);
        assert_eq!(only_match(&found(&[summary(3, None)], false), born), None);
        assert_eq!(only_match(&found(&[], false), born), None);
    }
}
