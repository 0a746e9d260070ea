//! The FHIR R4 resources of one person at one source, computed on demand. A chart must contain only the source's datasets
//! and only its own patient.

use serde_json::Value;

use crate::health::{Problem, problems};
use crate::plan::Source;
use crate::random::SeededRng;
use crate::world::{CastRole, Person, World};

mod allergies;
mod appointments;
mod care_links;
mod contacts;
mod diagnoses;
mod documents;
mod encounters;
mod fhir;
mod flags;
mod immunisations;
mod medicines;
mod patient;
mod plans;
mod procedures;
mod results;
#[cfg(test)]
mod tests;

/// The resource types of a city source, except Patient and Binary.
pub(crate) const RESOURCE_TYPES: [&str; 15] = [
    "AllergyIntolerance",
    "Appointment",
    "CarePlan",
    "Condition",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "Flag",
    "Immunization",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
    "RelatedPerson",
    "ServiceRequest",
];

/// The record of one person at one source.
#[derive(Debug)]
pub(crate) struct Chart<'a> {
    world: &'a World,
    source: Source,
    person: Person,
    local: String,
}

impl<'a> Chart<'a> {
    pub(crate) fn of(world: &'a World, source: Source, index: u32) -> Self {
        Self { world, source, person: world.person(index), local: world.local_id(source, index) }
    }

    /// All resources of one type. None for a type that no source serves.
    pub(crate) fn entries(&self, kind: &str) -> Option<Vec<Value>> {
        Some(match kind {
            "Condition" => self.diagnoses(),
            "MedicationRequest" => self.medication_requests(),
            "MedicationStatement" => self.medication_statements(),
            "AllergyIntolerance" => self.allergies(),
            "Observation" => self.observations(),
            "DiagnosticReport" => self.reports(),
            "DocumentReference" => self.documents(),
            "ServiceRequest" => self.referrals(),
            "Appointment" => self.appointments(),
            "Encounter" => self.encounters(),
            "Procedure" => self.procedures(),
            "Immunization" => self.immunisations(),
            "RelatedPerson" => self.contacts(),
            "CarePlan" => self.plans(),
            "Flag" => self.flags(),
            _ => return None,
        })
    }

    fn problems(&self) -> Vec<Problem> {
        problems(self.world, &self.person)
    }

    fn cast_role(&self) -> Option<CastRole> {
        CastRole::of(self.person.index)
    }

    fn has_dataset(&self, dataset: &str) -> bool {
        self.source.has_dataset(dataset)
    }

    /// A generator of this source only. Use the world's for values that all sources share.
    fn rng(&self, purpose: &str) -> SeededRng {
        self.world.rng(self.person.index, &format!("{} {purpose}", self.source.id()))
    }
}
