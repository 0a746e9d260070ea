//! The settings of a process: a TOML file named by `LCR_CONFIG`, overridden by `LCR_…` variables. A service accepts only
//! settings it uses. An error names the unknown, missing or wrong setting and must never repeat its value, which may be a
//! secret.

use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU32, path::PathBuf};

use ipnet::IpNet;
use lcr_contracts::identity::{Organisation, System};
use lcr_model::Phi;
use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;

/// The variable that names the file.
pub(super) const FILE: &str = "LCR_CONFIG";
pub(super) const PREFIX: &str = "LCR_";

/// All settings. Each service accepts some of them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
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
    /// As browsers see it: `https://record.example.nhs.uk`.
    pub public_origin: Option<String>,
    /// The identity providers people sign in with.
    pub providers: Option<Vec<Provider>>,
    /// How often one person may search in a minute; 60 by default.
    pub searches_per_minute: Option<NonZeroU32>,
    /// Private ranges partners may be in.
    #[schemars(with = "Option<Vec<String>>")]
    pub egress_allow: Option<Vec<IpNet>>,
    /// Plain HTTP to loopback sources and providers: demonstrations and tests alone.
    pub demo: Option<bool>,
    /// How long a view waits for its sources, in milliseconds.
    pub deadline_ms: Option<u64>,
    /// HL7 v2 over MLLP: `0.0.0.0:2575`.
    pub mllp_listen: Option<SocketAddr>,
    /// Our certificate, its key, and who may sign a sender's: PEM files. All three, or none.
    pub mllp_certificate: Option<PathBuf>,
    pub mllp_key: Option<PathBuf>,
    pub mllp_client_ca: Option<PathBuf>,
    /// The public keys of the services, old and new while they change: `{ consent = ["kid:base64url"] }`.
    pub public_keys: Option<BTreeMap<String, Vec<String>>>,
    /// Its own signing key, `kid:base64url` of 32 bytes. A secret.
    #[schemars(with = "Option<String>")]
    pub signing_key: Option<Phi<String>>,
    /// `kid:base64,…`: the first seals, all open. A secret.
    #[schemars(with = "Option<String>")]
    pub data_key: Option<Phi<String>>,
    /// What signs the log's checkpoints. A secret.
    #[schemars(with = "Option<String>")]
    pub log_key: Option<Phi<String>>,
    /// For trials alone: every service derives every key from it, so any of them could speak for any other.
    #[schemars(with = "Option<String>")]
    pub trial_key: Option<Phi<String>>,
    /// Where partners' egress objects are written.
    pub egress_namespace: Option<String>,
    /// Where the leader's lease is.
    pub lease_namespace: Option<String>,
    /// Whose service accounts may leave.
    pub application_namespace: Option<String>,
    /// What their names begin with: `lcr-`.
    pub service_account_prefix: Option<String>,
    /// The mesh's: `cluster.local`.
    pub trust_domain: Option<String>,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub issuer: String,
    pub client_id: String,
    /// The last part of the address it sends people back to: `/auth/callback/{callback}`. One may go without.
    #[serde(default)]
    pub callback: Option<String>,
    /// ODS codes it may vouch for; empty: any.
    #[serde(default)]
    pub organisations: Vec<String>,
    /// Whether it verifies patients (NHS login). It then signs in nobody else.
    #[serde(default)]
    pub patients: bool,
    /// Only for trials: the organisation of users whose tokens name none.
    #[serde(default)]
    pub organisation: Option<String>,
    /// Only for trials: the role of users whose tokens name none.
    #[serde(default)]
    pub role: Option<String>,
}

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

/// The settings in a file: identity providers, and the registry of a small deployment.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProcessConfig {
    pub providers: Vec<Provider>,
    pub organisations: Vec<Organisation>,
    pub systems: Vec<System>,
}

impl ProcessConfig {
    /// Reads `file`; empty if there is none.
    pub fn read(file: Option<&str>) -> Result<Self, BadSettings> {
        let mut all = Self::default();
        for (name, value) in file.map(read_file).transpose()?.unwrap_or_default() {
            let alone = toml::Table::from_iter([(name.clone(), value)]);
            let read = Self::deserialize(alone);
            let one = read.map_err(|error| BadSettings::wrong(&name, describe(&error)))?;
            all.providers.extend(one.providers);
            all.organisations.extend(one.organisations);
            all.systems.extend(one.systems);
        }
        Ok(all)
    }
}

pub(super) fn read_file(file: &str) -> Result<toml::Table, BadSettings> {
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

/// Deserialises one setting at a time, so that the error names the wrong one.
pub(super) fn deserialise(table: toml::Table) -> Result<Settings, BadSettings> {
    for (name, value) in &table {
        let alone = toml::Table::from_iter([(name.clone(), value.clone())]);
        if let Err(error) = Settings::deserialize(alone) {
            return Err(BadSettings::wrong(name, describe(&error)));
        }
    }
    Settings::deserialize(table).map_err(|_| BadSettings::wrong("the settings", "do not read together"))
}
