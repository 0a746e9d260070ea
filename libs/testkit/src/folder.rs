//! A temporary folder of one test, removed when dropped. It must never be shared.

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
        // The system cleans up what cannot be removed here.
        let _ = fs::remove_dir_all(&self.0);
    }
}
