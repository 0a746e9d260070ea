//! The settings that several services have: a TOML file named by `LCR_CONFIG`, overridden by `LCR_…` variables. An error
//! names the unknown, missing or wrong setting and must never repeat its value, which may be a secret.

use std::{collections::BTreeMap, net::SocketAddr};

use lcr_model::Phi;
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use thiserror::Error;

/// The variable that names the file.
pub(super) const FILE: &str = "LCR_CONFIG";
pub(super) const PREFIX: &str = "LCR_";

/// The common settings. Each service accepts some of them, and its own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommonSettings {
    /// Where it serves: `0.0.0.0:8080`.
    pub listen: Option<SocketAddr>,
    /// Where `/livez`, `/readyz` and `/metrics` are: `0.0.0.0:9090`.
    pub admin_listen: Option<SocketAddr>,
    /// The most connections one peer may hold; a quarter of all by default. Behind an ingress all users are one peer.
    pub connections_per_peer: Option<usize>,
    /// What is logged: `info`, or filters such as `warn,lcr=debug`.
    pub log: Option<String>,
    /// An `OpenTelemetry` collector over HTTP: `http://otel-collector:4318`.
    pub otlp_endpoint: Option<String>,
    /// `postgres://role:password@host/database`, or `sqlite://<path>` for a single replica. A secret.
    #[schemars(with = "Option<String>")]
    pub database_url: Option<Phi<String>>,
    /// The address `migrate` uses, whose role may change tables; `database_url` when absent. A secret.
    #[schemars(with = "Option<String>")]
    pub migrate_database_url: Option<Phi<String>>,
    /// `nats://host:4222`, several separated by commas.
    #[schemars(with = "Option<String>")]
    pub bus_url: Option<Phi<String>>,
    /// Copies of each stream: 3 in production.
    pub bus_replicas: Option<usize>,
    /// `redis://host:6379`, or `embedded:` for a single replica.
    #[schemars(with = "Option<String>")]
    pub cache_url: Option<Phi<String>>,
    pub identity_url: Option<String>,
    pub consent_url: Option<String>,
    pub patient_index_url: Option<String>,
    pub record_aggregation_url: Option<String>,
    pub virtual_ward_url: Option<String>,
    pub audit_url: Option<String>,
    pub feeds_url: Option<String>,
    /// Plain HTTP to loopback sources and providers: demonstrations and tests alone.
    pub demo: Option<bool>,
    /// The public keys of the services, old and new while they change: `{ consent = ["kid:base64url"] }`.
    pub public_keys: Option<BTreeMap<String, Vec<String>>>,
    /// Its own signing key, `kid:base64url` of 32 bytes. A secret.
    #[schemars(with = "Option<String>")]
    pub signing_key: Option<Phi<String>>,
    /// `kid:base64,…`: the first seals, all open. A secret.
    #[schemars(with = "Option<String>")]
    pub data_key: Option<Phi<String>>,
    /// For trials alone: every service derives every key from it, so any of them could speak for any other.
    #[schemars(with = "Option<String>")]
    pub trial_key: Option<Phi<String>>,
}

impl CommonSettings {
    pub fn is_demo(&self) -> bool {
        self.demo == Some(true)
    }
}

/// The settings of a service that has only the common ones.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct NoSettings {}

/// Why settings were refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadSettings {
    #[error("the file {0} named by {FILE} cannot be read")]
    Unreadable(String),
    #[error("the file {file} is not TOML: line {line}")]
    NotToml { file: String, line: usize },
    #[error("`{0}` is not a setting of this service")]
    Unknown(String),
    #[error("`{0}` is missing (in the file, or as {PREFIX}{up})", up = .0.to_uppercase())]
    Missing(String),
    #[error("`{name}` {why}")]
    Wrong { name: String, why: String },
}

impl BadSettings {
    pub fn wrong(name: &str, why: impl Into<String>) -> Self {
        Self::Wrong { name: name.to_owned(), why: why.into() }
    }
}

/// Reads a file as it is, without the environment.
pub fn read_file<T: DeserializeOwned>(file: &str) -> Result<T, BadSettings> {
    deserialise(read_table(file)?)
}

pub(super) fn read_table(file: &str) -> Result<toml::Table, BadSettings> {
    let text = std::fs::read_to_string(file).map_err(|_| BadSettings::Unreadable(file.to_owned()))?;
    text.parse().map_err(|error: toml::de::Error| {
        let upto = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(upto).filter(|byte| *byte == b'\n').count() + 1;
        BadSettings::NotToml { file: file.to_owned(), line }
    })
}

/// Parses a variable as TOML if it is a list, a table, a number or a boolean; otherwise it is text.
pub(super) fn parse_value(value: &str) -> toml::Value {
    let other = value.starts_with(['[', '{']) || value.parse::<i64>().is_ok() || matches!(value, "true" | "false");
    let read = format!("value = {value}").parse::<toml::Table>().ok().filter(|_| other);
    read.and_then(|mut table| table.remove("value")).unwrap_or_else(|| toml::Value::String(value.to_owned()))
}

/// Describes a parse error. Repeats the name of a setting, never its value.
fn describe(error: &toml::de::Error) -> String {
    let unknown = error.message().strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    unknown.map_or_else(
        || "is not of the form it must have".to_owned(),
        |name| format!("is not known, or holds a `{name}` that is not"),
    )
}

/// The error names the setting that is wrong.
pub(super) fn deserialise<T: DeserializeOwned>(table: toml::Table) -> Result<T, BadSettings> {
    serde_path_to_error::deserialize(table).map_err(|error| {
        let name = error.path().iter().next().map_or_else(|| "the settings".to_owned(), ToString::to_string);
        BadSettings::wrong(&name, describe(error.inner()))
    })
}
