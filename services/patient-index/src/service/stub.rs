//! The identity stub of a person from their identities: the authority's words first, then a GP system's, then
//! any. Hides what the permit hides, and shows title and address to those alone who have a relationship with the person:
//! a search may find anybody in the city.

use lcr_contracts::patient_index::Stub;
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

/// What decides how much of a stub is seen.
#[derive(Debug, Clone, Copy)]
pub struct Visibility {
    pub restricted: bool,
    pub died: bool,
    /// A data steward compares two records.
    pub compares: bool,
}

pub fn of(grant: &PersonGrant, rows: &[IdentityRow], seen: Visibility, matched_on: &str) -> Option<Stub> {
    let mut ranked: Vec<&IdentityRow> = rows.iter().collect();
    ranked.sort_by_key(|row| (rank(row), row.retired, row.source.clone(), row.local_id.clone()));
    let first = *ranked.first()?;
    let find = |field: fn(&IdentityRow) -> Option<&String>| ranked.iter().find_map(|row| field(row)).cloned();
    let protected = seen.restricted || grant.hides(Hide::Location);
    let related = seen.compares || !grant.relationship.is_empty();
    let located = related && !protected && !grant.hides(Hide::Address);
    Some(Stub {
        id: grant.person,
        // A number in doubt may be somebody else's.
        nhs_number: find(|row| row.nhs_number.as_ref().filter(|_| !row.number_doubted))
            .and_then(|text| NhsNumber::parse(&text).ok()),
        family: first.family.clone(),
        given: first.given.clone(),
        title: find(|row| row.title.as_ref()).filter(|_| related),
        birth_date: find(|row| row.birth_date.as_ref()).and_then(|text| text.parse().ok()),
        sex: first.gender.clone(),
        died: seen.died,
        location_protected: protected,
        address: find(|row| row.address.as_ref()).filter(|_| located),
        address_withheld: !related,
        matched_on: matched_on.to_owned(),
    })
}
