//! Reads a folder of resources and Bundles into memory and resolves their references to Type/id. One bad file must not
//! fail the whole folder.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::CityError;

/// The deepest subfolder level. It ends a loop of links.
const MAX_DEPTH: u32 = 8;

/// The resources of a folder, indexed by type and id, and by patient.
#[derive(Debug, Default)]
pub(super) struct Library {
    by_kind: BTreeMap<String, BTreeMap<String, Value>>,
    /// Resource ids by (type, patient id).
    by_patient: HashMap<(String, String), Vec<String>>,
    patients: Vec<String>,
    pub(super) skipped: usize,
}

impl Library {
    pub(super) fn len(&self) -> usize {
        self.by_kind.values().map(BTreeMap::len).sum()
    }

    pub(super) fn resource_types(&self) -> impl Iterator<Item = &str> {
        self.by_kind.keys().map(String::as_str)
    }

    pub(super) fn patients(&self) -> &[String] {
        &self.patients
    }

    pub(super) fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        self.by_kind.get(kind)?.get(id)
    }

    pub(super) fn resources_about(&self, kind: &str, patient: &str) -> impl Iterator<Item = &Value> {
        let ids = self.by_patient.get(&(kind.to_owned(), patient.to_owned()));
        let of_kind = self.by_kind.get(kind);
        ids.into_iter().flatten().filter_map(move |id| of_kind?.get(id))
    }

    fn index(&mut self) {
        for (kind, all) in &self.by_kind {
            for (id, one) in all {
                if let Some(patient) = patient_id_of(one) {
                    self.by_patient.entry((kind.clone(), patient)).or_default().push(id.clone());
                }
            }
        }
        self.patients = self.by_kind.get("Patient").into_iter().flat_map(BTreeMap::keys).cloned().collect();
    }
}

pub(super) fn read(folder: &Path) -> Result<Library, CityError> {
    let folder_error = |error| CityError::Folder { folder: folder.to_owned(), error };
    let mut files = Vec::new();
    list_files(folder, 0, &mut files).map_err(folder_error)?;
    files.sort();
    let (mut library, mut names, mut found) = (Library::default(), HashMap::new(), Vec::new());
    for (number, file) in files.iter().enumerate() {
        let parsed = fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        match parsed.filter(|one| one["resourceType"].is_string()) {
            Some(one) => collect_resources(one, number, &mut names, &mut found),
            None => library.skipped += 1,
        }
    }
    for (kind, id, mut one) in found {
        resolve_references(&mut one, &names);
        library.by_kind.entry(kind).or_default().insert(id, one);
    }
    library.index();
    Ok(library)
}

fn list_files(folder: &Path, depth: u32, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        } else if path.is_dir() && depth < MAX_DEPTH {
            list_files(&path, depth + 1, files)?;
        }
    }
    Ok(())
}

/// Collects a resource, or the resources of a Bundle with their full URLs.
fn collect_resources(
    one: Value,
    file: usize,
    names: &mut HashMap<String, String>,
    found: &mut Vec<(String, String, Value)>,
) {
    if one["resourceType"] != "Bundle" {
        add_resource(one, None, &format!("file-{file}"), names, found);
        return;
    }
    let Value::Object(mut bundle) = one else { return };
    let Some(Value::Array(entries)) = bundle.remove("entry") else { return };
    for (at, mut entry) in entries.into_iter().enumerate() {
        let url = entry["fullUrl"].as_str().map(str::to_owned);
        add_resource(entry["resource"].take(), url, &format!("file-{file}-{at}"), names, found);
    }
}

fn add_resource(
    mut one: Value,
    url: Option<String>,
    fallback_id: &str,
    names: &mut HashMap<String, String>,
    found: &mut Vec<(String, String, Value)>,
) {
    let Some(kind) = one["resourceType"].as_str().map(str::to_owned) else { return };
    let from_url = url.as_deref().and_then(|url| url.strip_prefix("urn:uuid:"));
    let id = one["id"].as_str().or(from_url).unwrap_or(fallback_id).to_owned();
    one["id"] = Value::from(id.clone());
    if let Some(url) = url {
        names.insert(url, format!("{kind}/{id}"));
    }
    found.push((kind, id, one));
}

/// Replaces every reference to a full URL by Type/id.
fn resolve_references(one: &mut Value, names: &HashMap<String, String>) {
    match one {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "reference" || name == "url" => {
                        if let Some(known) = names.get(text.as_str()) {
                            known.clone_into(text);
                        }
                    }
                    _ => resolve_references(value, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| resolve_references(item, names)),
        _ => {}
    }
}

/// The id of the patient that a resource is about.
fn patient_id_of(one: &Value) -> Option<String> {
    let named = ["subject", "patient", "beneficiary", "for"].iter().map(|field| &one[*field]["reference"]);
    let actors = one["participant"].as_array().into_iter().flatten().map(|one| &one["actor"]["reference"]);
    let mut references = named.chain(actors).filter_map(Value::as_str);
    references.find_map(|text| {
        let (before, id) = text.rsplit_once('/')?;
        (before == "Patient" || before.ends_with("/Patient")).then(|| id.to_owned())
    })
}
