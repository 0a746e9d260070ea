//! What the identities of one person say together: marks, and whether a newer identity replaces one.

use lcr_contracts::events::{PersonMark, SourcePatient};
use lcr_model::{OdsCode, SourceIdentity, local_id_key::holds_nhs_number};

/// The attributes of a person, combined from their identities by precedence of the sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonAttributes {
    pub practice: Option<OdsCode>,
    pub restricted: bool,
    pub died: bool,
}

impl PersonAttributes {
    pub fn marks(&self) -> Vec<PersonMark> {
        let marks = [(self.restricted, PersonMark::Restricted), (self.died, PersonMark::Died)];
        marks.into_iter().filter(|(set, _)| *set).map(|(_, mark)| mark).collect()
    }
}

/// Whether `identity` is an unhashed NHS number of the previous version, and the same source has since used its hash.
pub fn is_superseded(identity: &SourceIdentity, all: &[SourceIdentity]) -> bool {
    let by_hash = |one: &SourceIdentity| one.source == identity.source && one.local_id.is_hash();
    !identity.local_id.is_hash() && holds_nhs_number(&identity.local_id.0) && all.iter().any(by_hash)
}

/// Only the demographics authority counts for restriction and death. The practice comes from the authority, else from a GP
/// system's own registration, else from any other source.
pub fn combine_attributes(patients: &[&SourcePatient]) -> PersonAttributes {
    let authority = || patients.iter().filter(|patient| patient.authority);
    let practice_of = |want: fn(&SourcePatient) -> bool| {
        patients.iter().filter(|patient| want(patient)).find_map(|patient| patient.practice.clone())
    };
    PersonAttributes {
        practice: practice_of(|p| p.authority)
            .or_else(|| practice_of(|p| p.gp_registration))
            .or_else(|| practice_of(|p| !p.authority && !p.gp_registration)),
        restricted: authority().any(|patient| patient.restricted),
        died: authority().any(|patient| patient.died),
    }
}
