//! The Python packages of the FHIR conformance suite, in a folder of their own below `target`. Nothing is ever
//! installed into the system's Python.

use std::{fs, path::PathBuf};

use crate::{
    place::{Place, on_path},
    step::{Step, Stop},
};

const REQUIREMENTS: &str = "tests/conformance/requirements.txt";

/// The interpreter that has the packages, made if need be.
pub fn ready(place: &Place) -> Result<PathBuf, Stop> {
    let venv = place.tools().join("venv");
    let python = venv.join("bin/python");
    let wanted = place.path(REQUIREMENTS);
    let done = venv.join("requirements.txt");
    let text =
        fs::read_to_string(&wanted).map_err(|error| Stop::Failed(format!("{REQUIREMENTS}: {error}")))?;
    if fs::read_to_string(&done).is_ok_and(|installed| installed == text) {
        return Ok(python);
    }
    let install = "apt-get install python3 python3-venv";
    let system = on_path("python3").ok_or_else(|| Stop::missing("python3", install))?;
    Step::new("python: a folder of its own", system)
        .args(["-m", "venv", "--clear"])
        .args([&venv])
        .run()
        .map_err(|stop| Stop::missing(format!("python3's venv module ({stop})"), install))?;
    Step::new("python: packages", &python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .args([&wanted])
        .run()?;
    // Written last: a folder that was only half filled is filled again.
    fs::write(&done, text).map_err(|error| Stop::Failed(format!("{}: {error}", done.display())))?;
    Ok(python)
}
