//! The chart, linted and rendered by helm without a cluster. The release is always `lcr` in the namespace `lcr`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{chart, documents, tools};

/// The values files that every check runs over.
pub fn values_files() -> Result<Vec<PathBuf>, String> {
    let files = lcr_testkit::data::files(&chart("ci")).map_err(|error| error.to_string())?;
    if files.len() < 4 { Err(format!("only {} files in ci/", files.len())) } else { Ok(files) }
}

/// One of the values files, by the word before `-values.yaml`.
pub fn values(name: &str) -> PathBuf {
    chart("ci").join(format!("{name}-values.yaml"))
}

/// `helm lint --strict`.
pub fn lint(values: &Path) -> Result<String, String> {
    tools::ask(tools::helm()?.args(["lint", "--strict"]).arg(chart("")).arg("--values").arg(values))
}

/// The text of every object, hooks too. `set` are values over those of the file, `key=<JSON>`.
pub fn render(values: &Path, set: &[&str]) -> Result<String, String> {
    let mut command = tools::helm()?;
    command.args(["template", "lcr", "--namespace", "lcr", "--values"]).arg(values);
    for one in set {
        command.args(["--set-json", one]);
    }
    tools::ask(command.arg(chart("")))
}

/// Every object of a values file.
pub fn objects(values: &Path) -> Result<Vec<Value>, String> {
    objects_with(values, &[])
}

/// As `objects`, with values over those of the file.
pub fn objects_with(values: &Path, set: &[&str]) -> Result<Vec<Value>, String> {
    documents::parse(&render(values, set)?).map_err(|error| format!("{}: {error}", values.display()))
}
