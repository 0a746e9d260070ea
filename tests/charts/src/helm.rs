//! Lints and renders the chart by helm, always as release `lcr` in the namespace `lcr`. It must never reach a cluster.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{chart, documents, tools};

/// The values files of the chart's tests.
pub fn values_files() -> Result<Vec<PathBuf>, String> {
    let files = lcr_testkit::data::files(&chart("ci")).map_err(|error| error.to_string())?;
    if files.len() < 4 { Err(format!("only {} files in ci/", files.len())) } else { Ok(files) }
}

/// The values file `<name>-values.yaml`.
pub fn values(name: &str) -> PathBuf {
    chart("ci").join(format!("{name}-values.yaml"))
}

/// `helm lint --strict`.
pub fn lint(values: &Path) -> Result<String, String> {
    tools::run(tools::helm()?.args(["lint", "--strict"]).arg(chart("")).arg("--values").arg(values))
}

/// Renders all objects including hooks. `set` overrides values of the file, as `key=<JSON>`.
pub fn render(values: &Path, set: &[&str]) -> Result<String, String> {
    let mut command = tools::helm()?;
    command.args(["template", "lcr", "--namespace", "lcr", "--values"]).arg(values);
    for one in set {
        command.args(["--set-json", one]);
    }
    tools::run(command.arg(chart("")))
}

/// All objects of a values file.
pub fn objects(values: &Path) -> Result<Vec<Value>, String> {
    objects_with(values, &[])
}

/// All objects of a values file with values overridden by `set`.
pub fn objects_with(values: &Path, set: &[&str]) -> Result<Vec<Value>, String> {
    documents::parse(&render(values, set)?).map_err(|error| format!("{}: {error}", values.display()))
}
