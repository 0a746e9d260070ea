//! The data directory of the embedded form. Two processes must never use it at once: each would assume that it owns the
//! log.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// A lock on the directory, released when this value or the process ends.
#[derive(Debug)]
pub struct DataDir {
    _lock: File,
}

impl DataDir {
    /// Locks the directory and creates it if it does not exist. Fails while another process holds the lock.
    pub fn lock(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        // Readable by the owner only: it holds patient data.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        lock.try_lock().map_err(|_| {
            let words = format!(
                "{} is in use by another platform; stop it, or choose another with --data-dir",
                folder.display()
            );
            io::Error::new(io::ErrorKind::ResourceBusy, words)
        })?;
        Ok(Self { _lock: lock })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_directory_has_one_owner_at_a_time() {
        let folder = std::env::temp_dir().join(format!("lcr-folder-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let lock = DataDir::lock(&folder).unwrap();
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "its owner's alone, also where it was there before");
        assert!(DataDir::lock(&folder).is_err());
        drop(lock);
        assert!(DataDir::lock(&folder).is_ok());
        fs::remove_dir_all(folder).unwrap();
    }
}
