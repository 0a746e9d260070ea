//! YAML as JSON values, so that one set of questions serves rendered objects, manifests, rules and values.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{k8s, read};

/// The documents of a text, empty ones left out.
pub fn parse(text: &str) -> Result<Vec<Value>, String> {
    let all: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| error.to_string())?;
    Ok(all.into_iter().filter(|one| !one.is_null()).collect())
}

/// The documents of a file; the error names it.
pub fn file(path: &Path) -> Result<Vec<Value>, String> {
    parse(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// The one document of a file.
pub fn one(path: &Path) -> Result<Value, String> {
    file(path)?.into_iter().next().ok_or_else(|| format!("{} is empty", path.display()))
}

/// The manifests of `k8s/` that a cluster takes: not the settings of local clusters, nor values for others' charts.
pub fn manifests() -> Result<Vec<PathBuf>, String> {
    let all = yaml(&k8s(""))?;
    let taken = |path: &PathBuf| {
        !path.starts_with(k8s("cluster"))
            && !path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("-values.yaml"))
    };
    Ok(all.into_iter().filter(taken).collect())
}

/// Every YAML file below a folder.
pub fn yaml(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let files = lcr_testkit::data::files(folder).map_err(|error| error.to_string())?;
    Ok(files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect())
}
