//! Installs the Python packages of the tests into a folder below `target`. It must never install anything into the
//! system's Python.

use std::{fs, path::PathBuf};

use crate::{
    step::{Step, StepError},
    workspace::{Workspace, on_path},
};

/// The packages of the conformance tests and of the manifest checks.
const REQUIREMENTS: [&str; 2] = ["tests/conformance/requirements.txt", "tests/charts/requirements.txt"];

/// Returns the interpreter with the packages, and installs it if necessary.
pub fn install_missing(workspace: &Workspace) -> Result<PathBuf, StepError> {
    let venv = workspace.tools().join("venv");
    let python = venv.join("bin/python");
    let done = venv.join("requirements.txt");
    let wanted = read_requirements(workspace)?;
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let install = "apt-get install python3 python3-venv";
    let system = on_path("python3").ok_or_else(|| StepError::missing("python3", install))?;
    Step::new("python: virtual environment", system)
        .args(["-m", "venv", "--clear"])
        .args([&venv])
        .run()
        .map_err(|error| StepError::missing(format!("python3's venv module ({error})"), install))?;
    let mut packages = Step::new("python: packages", &python).args(["-m", "pip", "install", "--quiet"]);
    packages = packages.args(["--disable-pip-version-check"]);
    for file in REQUIREMENTS {
        packages = packages.args(["--requirement"]).args([workspace.path(file)]);
    }
    packages.run()?;
    // Written last, so that an interrupted installation is repeated.
    fs::write(&done, wanted).map_err(|error| StepError::Failed(format!("{}: {error}", done.display())))?;
    Ok(python)
}

/// The text of all requirements, which is compared with the text of the last installation.
fn read_requirements(workspace: &Workspace) -> Result<String, StepError> {
    let read = |file: &str| {
        fs::read_to_string(workspace.path(file)).map_err(|error| StepError::Failed(format!("{file}: {error}")))
    };
    REQUIREMENTS.into_iter().map(read).collect()
}
