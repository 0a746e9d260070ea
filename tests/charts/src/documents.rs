//! Reads YAML as JSON values, so that the same helpers work on rendered objects, manifests, rules and values. It must never
//! change a file.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{k8s, read};

/// The documents of a text, without empty ones.
pub fn parse(text: &str) -> Result<Vec<Value>, String> {
    let all: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| error.to_string())?;
    Ok(all.into_iter().filter(|document| !document.is_null()).collect())
}

/// The documents of a file. The error names the file.
pub fn parse_file(path: &Path) -> Result<Vec<Value>, String> {
    parse(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// The only document of a file.
pub fn parse_single(path: &Path) -> Result<Value, String> {
    parse_file(path)?.into_iter().next().ok_or_else(|| format!("{} is empty", path.display()))
}

/// The manifests of `k8s/`, without settings of local clusters and values for other charts.
pub fn manifest_files() -> Result<Vec<PathBuf>, String> {
    let all = yaml_files(&k8s(""))?;
    let taken = |path: &PathBuf| {
        !path.starts_with(k8s("cluster"))
            && !path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("-values.yaml"))
    };
    Ok(all.into_iter().filter(taken).collect())
}

/// Every YAML file below a folder.
pub fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let files = lcr_testkit::data::files(folder).map_err(|error| error.to_string())?;
    Ok(files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect())
}
