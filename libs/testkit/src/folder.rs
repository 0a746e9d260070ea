//! A folder of a test's own, gone when it is dropped.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

/// A new, empty folder.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("lcr-{name}-{}", Uuid::new_v4().simple()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left for the system's own tidying.
        let _ = fs::remove_dir_all(&self.0);
    }
}
