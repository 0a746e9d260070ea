//! The errors of starting a city or folder. An error text must never contain a person's data.

use std::io;
use std::path::PathBuf;

/// Why a city, or a folder served as a source, could not be started.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    #[error("a city needs between {min} and {max} people; {requested} were asked for")]
    People { requested: u32, min: u32, max: u32 },
    #[error("the ports from {0} on do not all exist")]
    Ports(u16),
    #[error("the source {name} cannot listen on 127.0.0.1:{port}: {error}")]
    Listen { name: String, port: u16, error: io::Error },
    #[error("the folder {folder} cannot be read: {error}")]
    Folder { folder: PathBuf, error: io::Error },
}
