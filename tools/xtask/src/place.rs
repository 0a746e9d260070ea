//! Where things are: the repository, its target folder, the data the tests read. It only looks; it makes
//! nothing but the folders it is asked for.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::step::{Step, Stop};

/// The repository this program was built from.
#[derive(Debug)]
pub struct Place {
    pub root: PathBuf,
    target: PathBuf,
}

impl Place {
    /// Two folders above this crate. `CARGO_TARGET_DIR` is honoured, since cargo honours it too.
    pub fn find() -> Result<Self, Stop> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).filter(|root| root.join("Cargo.lock").is_file());
        let root =
            root.ok_or_else(|| Stop::Failed(format!("{} is not inside the repository", here.display())))?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
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

    /// Where tools installed for the tests go, so that they leave with `cargo clean`.
    pub fn tools(&self) -> PathBuf {
        self.target("tools")
    }

    /// Data of real-world shape that is not part of the repository: `LCR_TEST_DATA`, else the folder that is
    /// kept beside a checkout, else none.
    pub fn test_data(&self) -> Option<PathBuf> {
        let told = env::var_os("LCR_TEST_DATA").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let beside = || Some(self.path("../shared/data")).filter(|dir| dir.is_dir());
        let found = told.or_else(beside)?;
        Some(found.canonicalize().unwrap_or(found))
    }

    /// A cargo command in the repository, by the very cargo that runs this.
    pub fn cargo(&self, what: &str, args: &[&str]) -> Step {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        Step::new(what, cargo).args(args).within(&self.root)
    }
}

/// A program found on the path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}
