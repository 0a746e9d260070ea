//! What one source says about one person: FHIR R4 resources, worked out when they are asked for. A source
//! says only what its datasets hold, and only about its own patient.

use serde_json::Value;

use crate::draw::Dice;
use crate::health::{Problem, problems};
use crate::plan::Source;
use crate::world::{Part, Person, World};

mod allergies;
mod bookings;
mod diagnoses;
mod documents;
mod fhir;
mod flags;
mod medicines;
mod patient;
mod plans;
mod prevention;
mod procedures;
mod results;
#[cfg(test)]
mod tests;
mod visits;

/// Every kind of resource a city source serves beside Patient and Binary.
pub(crate) const KINDS: [&str; 15] = [
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

/// One person as one source knows them.
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

    /// Everything of one kind; none for a kind nobody here serves.
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

    fn part(&self) -> Option<Part> {
        Part::of(self.person.index)
    }

    fn holds(&self, dataset: &str) -> bool {
        self.source.holds(dataset)
    }

    /// Chance of this source's own; what should be the same everywhere is drawn from the world instead.
    fn dice(&self, purpose: &str) -> Dice {
        self.world.dice(self.person.index, &format!("{} {purpose}", self.source.id()))
    }
}
