//! The paths of the repository, its target folder and the test data. It must never create or change a file.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::step::{Step, StepError};

/// The repository this program was built from.
#[derive(Debug)]
pub struct Workspace {
    pub root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the repository two folders above this crate. It respects `CARGO_TARGET_DIR`, as cargo does.
    pub fn find() -> Result<Self, StepError> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).filter(|root| root.join("Cargo.lock").is_file());
        let root = root.ok_or_else(|| StepError::Failed(format!("{} is not inside the repository", here.display())))?;
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Ok(Self { root: root.to_owned(), target })
    }

    /// A path within the repository.
    pub fn path(&self, within: &str) -> PathBuf {
        self.root.join(within)
    }

    /// A path within the target folder.
    pub fn target(&self, within: &str) -> PathBuf {
        self.target.join(within)
    }

    /// The folder of tools that are installed for the tests. `cargo clean` removes it.
    pub fn tools(&self) -> PathBuf {
        self.target("tools")
    }

    /// Data of real-world shape outside the repository: `LCR_TEST_DATA`, or the folder beside the checkout.
    pub fn test_data(&self) -> Option<PathBuf> {
        let named = env::var_os("LCR_TEST_DATA").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let beside = || Some(self.path("../shared/data")).filter(|dir| dir.is_dir());
        let found = named.or_else(beside)?;
        Some(found.canonicalize().unwrap_or(found))
    }

    /// A cargo command in the repository, with the cargo that runs this program.
    pub fn cargo(&self, what: &str, args: &[&str]) -> Step {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        Step::new(what, cargo).args(args).in_folder(&self.root)
    }
}

/// Finds a program on the path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}
