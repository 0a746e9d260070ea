//! The key folder of the embedded form: one Ed25519 key per service and the data keys, created at the first start,
//! readable by the owner only. A key must never be printed or logged.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use lcr_auth::KeyRing;
use lcr_model::{PublicKey, ServiceName, SigningKey, seal::DataKeys};

/// A folder of keys.
#[derive(Debug)]
pub struct KeyFolder {
    folder: PathBuf,
}

impl KeyFolder {
    /// Creates the folder if it does not exist and closes it to other users.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The signing key of `service`.
    pub fn signing_key(&self, service: ServiceName) -> io::Result<SigningKey> {
        self.key(service.as_str())
    }

    fn key(&self, name: &str) -> io::Result<SigningKey> {
        let text = self.read_or_make(&format!("{name}.key"), || {
            let key = SigningKey::generate().map_err(io::Error::other)?;
            Ok(base16ct::lower::encode_string(key.seed()))
        })?;
        let seed = base16ct::mixed::decode_vec(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        let seed = seed.ok_or_else(|| io::Error::other(format!("the key file of {name} is damaged")))?;
        SigningKey::from_seed(format!("{name}-1"), seed).map_err(io::Error::other)
    }

    /// The key that signs the audit log's checkpoints. It is separate from audit's own key, because its holder can
    /// rewrite history.
    pub fn log_key(&self) -> io::Result<SigningKey> {
        self.key("audit-log")
    }

    /// The data keys, in the form of `LCR_DATA_KEY`.
    pub fn data_keys(&self) -> io::Result<DataKeys> {
        self.data_keys_of("data.key")
    }

    /// The gateway's own data key, for its cache only. It opens nothing that services seal for each other.
    pub fn gateway_data_keys(&self) -> io::Result<DataKeys> {
        self.data_keys_of("gateway-data.key")
    }

    fn data_keys_of(&self, file: &str) -> io::Result<DataKeys> {
        let text = self.read_or_make(file, || DataKeys::generate_text().map_err(io::Error::other))?;
        DataKeys::parse(text.trim()).map_err(io::Error::other)
    }

    /// The key ring of `service`: its own key and all public keys.
    pub fn ring(&self, service: ServiceName) -> io::Result<KeyRing> {
        let public: io::Result<Vec<(ServiceName, PublicKey)>> =
            ServiceName::ALL.iter().map(|other| Ok((*other, self.signing_key(*other)?.public().clone()))).collect();
        Ok(KeyRing::new(self.signing_key(service)?, public?))
    }

    fn read_or_make(&self, name: &str, make: impl FnOnce() -> io::Result<String>) -> io::Result<String> {
        let path = self.folder.join(name);
        match fs::File::open(&path) {
            Ok(mut file) => {
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                Ok(text)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = make()?;
                // Write to a temporary file and rename, so that a crash leaves a whole key or none.
                let beside = path.with_extension("new");
                let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                fs::rename(&beside, &path)?;
                Ok(text)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
