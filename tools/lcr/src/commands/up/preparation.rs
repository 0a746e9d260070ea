//! What is checked and cleared before the demonstration starts. It must never delete anything but its own data.

use std::{fs, path::PathBuf};

use lcr_model::ServiceName;

use super::{UpArgs, traffic};

/// A source elsewhere may hold data of real people.
pub(super) fn require_consent_for_remote_sources(up: &UpArgs) -> Result<(), String> {
    let remote = up.source.iter().find(|source| !source.is_on_loopback() && !up.i_know_this_is_real_data);
    if let Some(remote) = remote {
        return Err(format!(
            "{} is not on this machine and may hold data of real people. If it does and you may use it, add --i-know-this-is-real-data.",
            remote.name
        ));
    }
    Ok(())
}

/// Checks the portal's port before anything starts, because it is the port that people choose.
pub(super) fn require_free_port(port: u16) -> Result<(), String> {
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).is_err();
    if taken { Err(format!("port {port} is taken; stop what uses it, or choose another with --port")) } else { Ok(()) }
}

/// Removes the files of a platform from its data folder, and no others.
pub(super) fn wipe_data(folder: &PathBuf) -> Result<(), String> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("{} cannot be read: {error}", folder.display())),
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let stem = name.split('.').next().unwrap_or_default();
        let of_a_store = stem == "bus" || stem.parse::<ServiceName>().is_ok();
        let ours = of_a_store && [".db", ".db-wal", ".db-shm"].iter().any(|end| name == format!("{stem}{end}"));
        let removed = match (name.as_str(), ours) {
            ("keys", _) => fs::remove_dir_all(path),
            (traffic::HISTORY_SENT_FILE, _) | (_, true) => fs::remove_file(path),
            _ => Ok(()),
        };
        removed.map_err(|error| format!("{name} cannot be removed: {error}"))?;
    }
    Ok(())
}
