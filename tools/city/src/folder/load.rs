//! Reads a folder into memory: resources and Bundles, with references inside them turned into Type/id. It
//! never follows a link out of the folder and never fails because of one bad file.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::CityError;

/// Folders in folders, but no further: a loop of links must end.
const DEEPEST: u32 = 8;

/// Everything a folder holds, findable by kind and id and by patient.
#[derive(Debug, Default)]
pub(super) struct Library {
    by_kind: BTreeMap<String, BTreeMap<String, Value>>,
    /// (kind, patient id) to ids.
    by_patient: HashMap<(String, String), Vec<String>>,
    patients: Vec<String>,
    pub(super) skipped: usize,
}

impl Library {
    pub(super) fn len(&self) -> usize {
        self.by_kind.values().map(BTreeMap::len).sum()
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = &str> {
        self.by_kind.keys().map(String::as_str)
    }

    pub(super) fn patients(&self) -> &[String] {
        &self.patients
    }

    pub(super) fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        self.by_kind.get(kind)?.get(id)
    }

    pub(super) fn about(&self, kind: &str, patient: &str) -> impl Iterator<Item = &Value> {
        let ids = self.by_patient.get(&(kind.to_owned(), patient.to_owned()));
        let of_kind = self.by_kind.get(kind);
        ids.into_iter().flatten().filter_map(move |id| of_kind?.get(id))
    }

    fn index(&mut self) {
        for (kind, all) in &self.by_kind {
            for (id, one) in all {
                if let Some(patient) = whose(one) {
                    self.by_patient.entry((kind.clone(), patient)).or_default().push(id.clone());
                }
            }
        }
        self.patients = self.by_kind.get("Patient").into_iter().flat_map(BTreeMap::keys).cloned().collect();
    }
}

pub(super) fn read(folder: &Path) -> Result<Library, CityError> {
    let failed = |error| CityError::Folder { folder: folder.to_owned(), error };
    let mut files = Vec::new();
    list(folder, 0, &mut files).map_err(failed)?;
    files.sort();
    let (mut library, mut names, mut found) = (Library::default(), HashMap::new(), Vec::new());
    for (number, file) in files.iter().enumerate() {
        let parsed = fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        match parsed.filter(|one| one["resourceType"].is_string()) {
            Some(one) => gather(one, number, &mut names, &mut found),
            None => library.skipped += 1,
        }
    }
    for (kind, id, mut one) in found {
        rename(&mut one, &names);
        library.by_kind.entry(kind).or_default().insert(id, one);
    }
    library.index();
    Ok(library)
}

fn list(folder: &Path, depth: u32, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        } else if path.is_dir() && depth < DEEPEST {
            list(&path, depth + 1, files)?;
        }
    }
    Ok(())
}

/// Takes a resource, or the resources of a Bundle, and notes under which full URL each was known.
fn gather(
    one: Value,
    file: usize,
    names: &mut HashMap<String, String>,
    found: &mut Vec<(String, String, Value)>,
) {
    if one["resourceType"] != "Bundle" {
        keep(one, None, &format!("file-{file}"), names, found);
        return;
    }
    let Value::Object(mut bundle) = one else { return };
    let Some(Value::Array(entries)) = bundle.remove("entry") else { return };
    for (at, mut entry) in entries.into_iter().enumerate() {
        let url = entry["fullUrl"].as_str().map(str::to_owned);
        keep(entry["resource"].take(), url, &format!("file-{file}-{at}"), names, found);
    }
}

fn keep(
    mut one: Value,
    url: Option<String>,
    spare: &str,
    names: &mut HashMap<String, String>,
    found: &mut Vec<(String, String, Value)>,
) {
    let Some(kind) = one["resourceType"].as_str().map(str::to_owned) else { return };
    let from_url = url.as_deref().and_then(|url| url.strip_prefix("urn:uuid:"));
    let id = one["id"].as_str().or(from_url).unwrap_or(spare).to_owned();
    one["id"] = Value::from(id.clone());
    if let Some(url) = url {
        names.insert(url, format!("{kind}/{id}"));
    }
    found.push((kind, id, one));
}

/// Turns every reference to a full URL into Type/id.
fn rename(one: &mut Value, names: &HashMap<String, String>) {
    match one {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "reference" || name == "url" => {
                        if let Some(known) = names.get(text.as_str()) {
                            known.clone_into(text);
                        }
                    }
                    _ => rename(value, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        _ => {}
    }
}

/// The patient a resource is about, if it says so.
fn whose(one: &Value) -> Option<String> {
    let named = ["subject", "patient", "beneficiary", "for"].iter().map(|field| &one[*field]["reference"]);
    let actors = one["participant"].as_array().into_iter().flatten().map(|one| &one["actor"]["reference"]);
    let mut references = named.chain(actors).filter_map(Value::as_str);
    references.find_map(|text| {
        let (before, id) = text.rsplit_once('/')?;
        (before == "Patient" || before.ends_with("/Patient")).then(|| id.to_owned())
    })
}
