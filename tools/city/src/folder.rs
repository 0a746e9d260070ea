//! Serves a folder of FHIR R4 JSON files with the routes of the city's sources. It must never change the folder. It skips
//! and counts other files.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::error::CityError;
use crate::fhir_source::{FhirSource, PatientPage};
use crate::server::{self, Behaviour, RunningSource};

mod load;

use load::Library;

/// A running source that serves a folder.
#[derive(Debug)]
pub struct FolderSource {
    running: RunningSource,
    resources: usize,
    patients: usize,
    skipped: usize,
}

/// Serves a folder and its subfolders. Port 0 means any free port.
pub async fn serve_folder(folder: &Path, port: u16) -> Result<FolderSource, CityError> {
    let library = load::read(folder)?;
    let (resources, patients, skipped) = (library.len(), library.patients().len(), library.skipped);
    let name = folder.file_name().map_or_else(|| "folder".to_owned(), |name| name.to_string_lossy().into_owned());
    let bound = server::bind(&name, port).await?;
    let running = bound.serve(Arc::new(FolderFhirSource { name, library }), Behaviour::default());
    Ok(FolderSource { running, resources, patients, skipped })
}

impl FolderSource {
    pub fn base_url(&self) -> String {
        self.running.base_url()
    }

    /// The number of resources of all types.
    pub fn resources(&self) -> usize {
        self.resources
    }

    pub fn patients(&self) -> usize {
        self.patients
    }

    /// The number of files that are not FHIR JSON.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    pub async fn shutdown(self) {
        self.running.stop().await;
    }
}

struct FolderFhirSource {
    name: String,
    library: Library,
}

impl FhirSource for FolderFhirSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn resource_types(&self) -> Vec<String> {
        self.library.resource_types().filter(|kind| *kind != "Patient").map(str::to_owned).collect()
    }

    fn patient_page(&self, from: u64, count: usize) -> PatientPage {
        let all = self.library.patients();
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(all.len());
        let end = from.saturating_add(count).min(all.len());
        let found = all[from..end].iter().filter_map(|id| self.library.get("Patient", id));
        PatientPage { patients: found.cloned().collect(), next: (end < all.len()).then_some(end as u64) }
    }

    fn find_by_identifier(&self, system: &str, value: &str) -> Vec<Value> {
        let fits =
            |one: &&Value| {
                one["identifier"].as_array().into_iter().flatten().any(|identifier| {
                    identifier["value"] == value && (system.is_empty() || identifier["system"] == system)
                })
            };
        self.library.patients().iter().filter_map(|id| self.library.get("Patient", id)).filter(fits).cloned().collect()
    }

    fn resources_about(&self, kind: &str, patient: &str) -> Vec<Value> {
        self.library.resources_about(kind, patient).cloned().collect()
    }

    fn read(&self, kind: &str, id: &str) -> Option<Value> {
        self.library.get(kind, id).cloned()
    }

    fn binary(&self, id: &str) -> Option<(String, Vec<u8>)> {
        // The content stays base64 inside the resource, as in the file.
        let found = self.library.get("Binary", id)?;
        Some(("application/fhir+json".to_owned(), found.to_string().into_bytes()))
    }

    fn other_patient(&self, patient: &str) -> Option<String> {
        self.library.patients().iter().find(|id| *id != patient).cloned()
    }
}
