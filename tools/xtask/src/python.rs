//! The Python packages of the tests, in a folder of their own below `target`. Nothing is ever installed into the
//! system's Python.

use std::{fs, path::PathBuf};

use crate::{
    place::{Place, on_path},
    step::{Step, Stop},
};

/// What FHIR clients of others need, and what judges manifests.
const REQUIREMENTS: [&str; 2] = ["tests/conformance/requirements.txt", "tests/charts/requirements.txt"];

/// The interpreter that has the packages, made if need be.
pub fn ready(place: &Place) -> Result<PathBuf, Stop> {
    let venv = place.tools().join("venv");
    let python = venv.join("bin/python");
    let done = venv.join("requirements.txt");
    let wanted = wanted(place)?;
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let install = "apt-get install python3 python3-venv";
    let system = on_path("python3").ok_or_else(|| Stop::missing("python3", install))?;
    Step::new("python: a folder of its own", system)
        .args(["-m", "venv", "--clear"])
        .args([&venv])
        .run()
        .map_err(|stop| Stop::missing(format!("python3's venv module ({stop})"), install))?;
    let mut packages = Step::new("python: packages", &python).args(["-m", "pip", "install", "--quiet"]);
    packages = packages.args(["--disable-pip-version-check"]);
    for file in REQUIREMENTS {
        packages = packages.args(["--requirement"]).args([place.path(file)]);
    }
    packages.run()?;
    // Written last: a folder that was only half filled is filled again.
    fs::write(&done, wanted).map_err(|error| Stop::Failed(format!("{}: {error}", done.display())))?;
    Ok(python)
}

/// The text of all requirements: whether they are met is told by comparing it.
fn wanted(place: &Place) -> Result<String, Stop> {
    let read = |file: &str| {
        fs::read_to_string(place.path(file)).map_err(|error| Stop::Failed(format!("{file}: {error}")))
    };
    REQUIREMENTS.into_iter().map(read).collect()
}
