//! People with their identities and marks, as read for one call. Only what a permit grants may leave here.

use std::collections::{BTreeSet, HashMap};

use lcr_contracts::{consent::RequestedPerson, events::LOGIN_SOURCE, patient_index::PatientSummary};
use lcr_model::{NhsNumber, Permit, PersonId, SourceId};

use super::summary::{self, Visibility};
use crate::store::{IdentityRow, PersonRow};

/// A person's version and marks.
pub struct Marks {
    version: i64,
    restricted: bool,
    died: bool,
}

impl From<&PersonRow> for Marks {
    fn from(row: &PersonRow) -> Self {
        Self { version: row.version, restricted: row.restricted, died: row.died }
    }
}

/// People with their identities, as read for one call.
#[derive(Default)]
pub struct LoadedPeople {
    pub identities: HashMap<PersonId, Vec<IdentityRow>>,
    pub persons: HashMap<PersonId, Marks>,
}

impl LoadedPeople {
    /// Adds an identity and its person.
    pub fn add(&mut self, identity: IdentityRow, person: Option<&PersonRow>) {
        let id = PersonId(identity.person);
        if let Some(row) = person {
            self.persons.insert(id, Marks::from(row));
        }
        self.identities.entry(id).or_default().push(identity);
    }

    /// Whether a source has a record of the person. A merged person has none: their records belong to the survivor.
    pub fn has_records(&self, person: PersonId) -> bool {
        self.identities.get(&person).into_iter().flatten().any(|row| row.source != LOGIN_SOURCE)
    }

    pub fn person_question(&self, person: PersonId) -> Option<RequestedPerson> {
        let identities = self.identities.get(&person)?.iter().map(IdentityRow::identity).collect();
        Some(RequestedPerson { person, index_version: self.persons.get(&person)?.version, identities })
    }

    pub fn numbers(&self, person: PersonId) -> Vec<NhsNumber> {
        let rows = self.identities.get(&person).into_iter().flatten();
        let numbers = rows.filter(|row| !row.number_doubted).filter_map(IdentityRow::number);
        numbers.collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub fn doubted_identities(&self, person: PersonId) -> impl Iterator<Item = &IdentityRow> {
        self.identities.get(&person).into_iter().flatten().filter(|row| row.number_doubted)
    }

    pub fn sources(&self, person: PersonId) -> Vec<SourceId> {
        let rows = self.identities.get(&person).into_iter().flatten();
        let sources = rows.filter(|row| row.source != LOGIN_SOURCE).map(|row| row.identity().source);
        sources.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether no source uses any of the person's records any more.
    pub fn is_retired(&self, person: PersonId) -> bool {
        let rows = self.identities.get(&person).into_iter().flatten();
        let mut rows = rows.filter(|row| row.source != LOGIN_SOURCE).peekable();
        rows.peek().is_some() && rows.all(|row| row.retired)
    }

    /// Whether two people have the same name and birth date.
    pub fn have_same_name(&self, one: PersonId, other: PersonId) -> bool {
        let keys = |person: PersonId| {
            let rows = self.identities.get(&person).into_iter().flatten();
            rows.map(|row| (&row.family_key, &row.given_key, &row.birth_date)).collect::<BTreeSet<_>>()
        };
        keys(one).intersection(&keys(other)).next().is_some()
    }

    pub fn patient(
        &self,
        permit: &Permit,
        person: PersonId,
        matched_on: &str,
        compares: bool,
    ) -> Option<PatientSummary> {
        let grant = permit.for_person(person).ok()?;
        let marks = self.persons.get(&person)?;
        let seen = Visibility { restricted: marks.restricted, died: marks.died, compares };
        summary::build(grant, self.identities.get(&person)?, seen, matched_on)
    }
}
