//! The data folder of the embedded form, held by one process at a time: two on the same files would each
//! believe the log is theirs.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// The right to use a folder; it ends with this value, and with the process however it ends.
#[derive(Debug)]
pub struct DataFolder {
    _lock: File,
}

impl DataFolder {
    /// Takes the folder, making it if need be; refused while another process holds it.
    pub fn claim(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        // For its owner alone: it holds what people's records say.
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
    fn a_folder_is_held_by_one_at_a_time() {
        let folder = std::env::temp_dir().join(format!("lcr-folder-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let held = DataFolder::claim(&folder).unwrap();
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "its owner's alone, also where it was there before");
        assert!(DataFolder::claim(&folder).is_err());
        drop(held);
        assert!(DataFolder::claim(&folder).is_ok());
        fs::remove_dir_all(folder).unwrap();
    }
}
