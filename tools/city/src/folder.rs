//! A folder of FHIR R4 JSON files, served as a read-only source with the same routes as the city's. It never
//! changes the folder, and what is not FHIR JSON is counted and left alone.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::error::CityError;
use crate::server::{self, Listening, Temper};
use crate::shelf::{Page, Shelf};

mod load;

use load::Library;

/// A folder that is being served.
#[derive(Debug)]
pub struct FolderSource {
    listening: Listening,
    resources: usize,
    patients: usize,
    skipped: usize,
}

/// Serves a folder, and the folders in it; port 0 means any free port.
pub async fn serve_folder(folder: &Path, port: u16) -> Result<FolderSource, CityError> {
    let library = load::read(folder)?;
    let (resources, patients, skipped) = (library.len(), library.patients().len(), library.skipped);
    let name =
        folder.file_name().map_or_else(|| "folder".to_owned(), |name| name.to_string_lossy().into_owned());
    let bound = server::bind(&name, port).await?;
    let listening = bound.serve(Arc::new(FolderShelf { name, library }), Temper::default());
    Ok(FolderSource { listening, resources, patients, skipped })
}

impl FolderSource {
    pub fn base_url(&self) -> String {
        self.listening.base_url()
    }

    /// Resources served, of every kind.
    pub fn resources(&self) -> usize {
        self.resources
    }

    pub fn patients(&self) -> usize {
        self.patients
    }

    /// Files that were not FHIR JSON.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    pub async fn shutdown(self) {
        self.listening.stop().await;
    }
}

struct FolderShelf {
    name: String,
    library: Library,
}

impl Shelf for FolderShelf {
    fn name(&self) -> &str {
        &self.name
    }

    fn kinds(&self) -> Vec<String> {
        self.library.kinds().filter(|kind| *kind != "Patient").map(str::to_owned).collect()
    }

    fn register(&self, from: u64, count: usize) -> Page {
        let all = self.library.patients();
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(all.len());
        let end = from.saturating_add(count).min(all.len());
        let found = all[from..end].iter().filter_map(|id| self.library.get("Patient", id));
        Page { patients: found.cloned().collect(), next: (end < all.len()).then_some(end as u64) }
    }

    fn by_identifier(&self, system: &str, value: &str) -> Vec<Value> {
        let fits = |one: &&Value| {
            one["identifier"].as_array().into_iter().flatten().any(|identifier| {
                identifier["value"] == value && (system.is_empty() || identifier["system"] == system)
            })
        };
        self.library
            .patients()
            .iter()
            .filter_map(|id| self.library.get("Patient", id))
            .filter(fits)
            .cloned()
            .collect()
    }

    fn about(&self, kind: &str, patient: &str) -> Vec<Value> {
        self.library.about(kind, patient).cloned().collect()
    }

    fn read(&self, kind: &str, id: &str) -> Option<Value> {
        self.library.get(kind, id).cloned()
    }

    fn binary(&self, id: &str) -> Option<(String, Vec<u8>)> {
        // The content stays as the file has it, base64 within the resource: nothing here decodes.
        let found = self.library.get("Binary", id)?;
        Some(("application/fhir+json".to_owned(), found.to_string().into_bytes()))
    }

    fn another(&self, patient: &str) -> Option<String> {
        self.library.patients().iter().find(|id| *id != patient).cloned()
    }
}
