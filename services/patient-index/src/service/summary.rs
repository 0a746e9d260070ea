//! Builds the patient summary of a person: from the authority first, then a GP system, then any other source. It must hide what
//! the permit hides. It shows title and address only with a relationship, because a search may find anybody in the city.

use lcr_contracts::patient_index::PatientSummary;
use lcr_model::{
    NhsNumber,
    permit::{Hide, PersonGrant},
};

use crate::store::IdentityRow;

fn rank(row: &IdentityRow) -> u8 {
    match (row.authority, row.gp_registration) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    }
}

/// How much of a patient the reader may see.
#[derive(Debug, Clone, Copy)]
pub struct Visibility {
    pub restricted: bool,
    pub died: bool,
    /// A data steward compares two records and sees all details.
    pub compares: bool,
}

pub fn build(
    grant: &PersonGrant,
    rows: &[IdentityRow],
    visibility: Visibility,
    matched_on: &str,
) -> Option<PatientSummary> {
    let mut ranked: Vec<&IdentityRow> = rows.iter().collect();
    ranked.sort_by_key(|row| (rank(row), row.retired, row.source.clone(), row.local_id.clone()));
    let first = *ranked.first()?;
    let find = |field: fn(&IdentityRow) -> Option<&String>| ranked.iter().find_map(|row| field(row)).cloned();
    let protected = visibility.restricted || grant.hides(Hide::Location);
    let related = visibility.compares || grant.relationship.is_some();
    let located = related && !protected && !grant.hides(Hide::Address);
    Some(PatientSummary {
        id: grant.person,
        // A number in doubt may be another person's.
        nhs_number: find(|row| row.nhs_number.as_ref().filter(|_| !row.number_doubted))
            .and_then(|text| NhsNumber::parse(&text).ok()),
        family: first.family.clone(),
        given: first.given.clone(),
        title: find(|row| row.title.as_ref()).filter(|_| related),
        birth_date: find(|row| row.birth_date.as_ref()).and_then(|text| text.parse().ok()),
        sex: first.gender.clone(),
        died: visibility.died,
        location_protected: protected,
        address: find(|row| row.address.as_ref()).filter(|_| located),
        address_withheld: !related,
        matched_on: matched_on.to_owned(),
    })
}
