//! The content of a source: the city's people or a folder of files. The trait must have no write method, so that no route
//! can offer one.

use std::sync::Arc;

use serde_json::Value;

use crate::care;
use crate::chart::{Chart, RESOURCE_TYPES};
use crate::plan::Source;
use crate::world::World;

/// A page of a source's patients.
pub(crate) struct PatientPage {
    pub(crate) patients: Vec<Value>,
    pub(crate) next: Option<u64>,
}

pub(crate) trait FhirSource: Send + Sync + 'static {
    fn name(&self) -> &str;
    /// The resource types except Patient.
    fn resource_types(&self) -> Vec<String>;
    fn patient_page(&self, from: u64, count: usize) -> PatientPage;
    fn find_by_identifier(&self, system: &str, value: &str) -> Vec<Value>;
    /// All resources of a type about a patient. Empty for an unknown patient.
    fn resources_about(&self, kind: &str, patient: &str) -> Vec<Value>;
    /// All resources of a type, if it can be searched without a patient.
    fn listed(&self, _kind: &str) -> Option<Vec<Value>> {
        None
    }
    fn read(&self, kind: &str, id: &str) -> Option<Value>;
    /// The media type and content of an attachment.
    fn binary(&self, id: &str) -> Option<(String, Vec<u8>)>;
    /// The id of another patient of this source, for `Fault::OtherPatient`.
    fn other_patient(&self, patient: &str) -> Option<String>;
}

/// One source of the city.
pub(crate) struct CitySource {
    pub(crate) world: Arc<World>,
    pub(crate) source: Source,
}

impl CitySource {
    fn chart(&self, index: u32) -> Chart<'_> {
        Chart::of(&self.world, self.source, index)
    }

    /// The chart that a resource belongs to. Local ids have no dash, so the part before the first dash is the local id.
    fn owner(&self, id: &str) -> Option<Chart<'_>> {
        let local = id.split('-').next()?;
        Some(self.chart(self.world.by_local_id(self.source, local)?))
    }
}

impl FhirSource for CitySource {
    fn name(&self) -> &str {
        self.source.id()
    }

    fn resource_types(&self) -> Vec<String> {
        let resource_types: &[&str] = if self.source == Source::Authority { &[] } else { &RESOURCE_TYPES };
        resource_types.iter().map(|kind| (*kind).to_owned()).collect()
    }

    fn patient_page(&self, from: u64, count: usize) -> PatientPage {
        let from = u32::try_from(from).unwrap_or(u32::MAX);
        let (found, next) = self.world.register(self.source, from, count);
        PatientPage {
            patients: found.into_iter().map(|one| self.chart(one).patient()).collect(),
            next: next.map(u64::from),
        }
    }

    fn find_by_identifier(&self, system: &str, value: &str) -> Vec<Value> {
        let index = if system.ends_with("/nhs-number") {
            self.world.by_nhs_number(self.source, value)
        } else {
            self.world.by_local_id(self.source, value)
        };
        index.map(|one| self.chart(one).patient()).into_iter().collect()
    }

    fn resources_about(&self, kind: &str, patient: &str) -> Vec<Value> {
        let Some(index) = self.world.by_local_id(self.source, patient) else { return Vec::new() };
        self.chart(index).entries(kind).unwrap_or_default()
    }

    fn listed(&self, kind: &str) -> Option<Vec<Value>> {
        care::episodes(&self.world, self.source).filter(|_| kind == "EpisodeOfCare")
    }

    fn read(&self, kind: &str, id: &str) -> Option<Value> {
        let chart = self.owner(id)?;
        if kind == "Patient" {
            let patient = chart.patient();
            return (patient["id"] == id).then_some(patient);
        }
        chart.entries(kind)?.into_iter().find(|one| one["id"] == id)
    }

    fn binary(&self, id: &str) -> Option<(String, Vec<u8>)> {
        let text = self.owner(id)?.text(id)?;
        Some(("text/plain; charset=utf-8".to_owned(), text.into_bytes()))
    }

    fn other_patient(&self, patient: &str) -> Option<String> {
        let index = self.world.by_local_id(self.source, patient)?;
        let (mut found, _) = self.world.register(self.source, index + 1, 1);
        if found.is_empty() {
            found = self.world.register(self.source, 0, 1).0;
        }
        Some(self.world.local_id(self.source, *found.first()?))
    }
}
