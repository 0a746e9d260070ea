//! Where a store is: a file on a laptop, a schema of `PostgreSQL` in a cluster. An address may hold a password, so it
//! must never be printed.

mod tls;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use sea_orm::sqlx::postgres::PgConnectOptions;

pub use tls::TlsModeError;

/// The location of one service's store.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// An `SQLite` file. Created if it does not exist.
    File(PathBuf),
    /// A schema of a `PostgreSQL` database.
    Schema {
        /// `postgres://role:password@host/database`.
        url: String,
        /// The service's name, with `_` for `-`.
        schema: String,
    },
}

impl Location {
    /// Parses `sqlite://<path>` or `postgres://…`. `owner` names the schema.
    pub fn parse(url: &str, owner: &str) -> Result<Self, BadLocation> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let path = path.split('?').next().unwrap_or_default();
            return if path.is_empty() { Err(BadLocation) } else { Ok(Self::File(PathBuf::from(path))) };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            url.parse::<PgConnectOptions>().map_err(|_| BadLocation)?;
            return Ok(Self::Schema { url: url.to_owned(), schema: owner.replace('-', "_") });
        }
        Err(BadLocation)
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Schema { schema, .. } => write!(f, "the schema {schema}"),
        }
    }
}

/// The address has neither form. The error must not repeat it, because it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is not `sqlite://<path>` or `postgres://role:password@host/database` (what is special in a password is written %XX)"
)]
pub struct BadLocation;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_a_schema_named_after_its_owner_and_never_prints_its_password() {
        let file = Location::parse("sqlite:///var/lib/lcr/consent.db", "consent").unwrap();
        assert_eq!(file, Location::File("/var/lib/lcr/consent.db".into()));
        let schema = Location::parse("postgres://lcr:secret@db/lcr", "patient-index").unwrap();
        assert_eq!(format!("{schema:?}"), "the schema patient_index");
        for bad in ["", "sqlite://", "mysql://db/lcr", "consent.db"] {
            assert_eq!(Location::parse(bad, "consent"), Err(BadLocation), "{bad}");
        }
    }
}
