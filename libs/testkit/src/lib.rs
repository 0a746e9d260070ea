//! What tests share: golden files, folders that go away, data of real-world shape from outside the repository.
//! No service may depend on it but to be tested.

pub mod data;
pub mod folder;
pub mod golden;

pub use folder::Folder;

use std::path::Path;

/// The repository.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}
