//! What a process is told: a TOML file named by `LCR_CONFIG`, and `LCR_…` variables over it (design section 9). A
//! service takes the settings it uses and no others; what is unknown, missing or wrong is named, its value never
//! repeated, since it may be a secret.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use lcr_contracts::arrows;
use lcr_model::{Phi, ServiceName};
use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;

/// The variable that names the file.
const FILE: &str = "LCR_CONFIG";
const PREFIX: &str = "LCR_";

/// Every setting there is; a service takes some of them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it serves: `0.0.0.0:8080`.
    pub listen: Option<SocketAddr>,
    /// Where `/livez`, `/readyz` and `/metrics` are: `0.0.0.0:9090`.
    pub admin_listen: Option<SocketAddr>,
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
    /// ODS codes it may vouch for; empty: any.
    #[serde(default)]
    pub organisations: Vec<String>,
    /// It proofs patients (NHS login), and vouches for nobody else.
    #[serde(default)]
    pub patients: bool,
}

/// What a service takes besides what all take.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    pub service: ServiceName,
    pub store: bool,
    pub bus: bool,
    pub cache: bool,
    /// It seals or opens what is kept.
    pub data_key: bool,
    /// Settings of its own that must be there.
    pub own: &'static [&'static str],
    /// And those that may.
    pub optional: &'static [&'static str],
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

impl Needs {
    /// The names it must be told, and those it may.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let mut must: Vec<String> = vec!["listen".into(), "admin_listen".into()];
        must.extend(arrows::callees(self.service).map(|to| format!("{}_url", to.as_str().replace('-', "_"))));
        let kept = [(self.store, "database_url"), (self.bus, "bus_url"), (self.cache, "cache_url")];
        must.extend(kept.iter().filter(|(needed, _)| *needed).map(|(_, name)| (*name).to_owned()));
        must.extend(self.own.iter().map(|name| (*name).to_owned()));
        let mut may: Vec<String> =
            ["log", "otlp_endpoint", "public_keys", "signing_key", "trial_key", "demo"]
                .map(str::to_owned)
                .into();
        let also =
            [(self.store, "migrate_database_url"), (self.bus, "bus_replicas"), (self.data_key, "data_key")];
        may.extend(also.iter().filter(|(taken, _)| *taken).map(|(_, name)| (*name).to_owned()));
        may.extend(self.optional.iter().map(|name| (*name).to_owned()));
        (must, may)
    }

    /// Reads the file and the environment; `environment` is the process's, or a test's.
    pub fn read(&self, environment: &BTreeMap<String, String>) -> Result<Settings, BadSettings> {
        let mut table = match environment.get(FILE) {
            None => toml::Table::new(),
            Some(file) => from_file(file)?,
        };
        for (name, value) in environment {
            if let Some(key) = name.strip_prefix(PREFIX).filter(|_| name != FILE) {
                table.insert(key.to_lowercase(), typed(value));
            }
        }
        let (must, may) = self.names();
        if let Some(unknown) = table.keys().find(|key| !must.contains(key) && !may.contains(key)) {
            return Err(BadSettings::Unknown(unknown.clone()));
        }
        if let Some(missing) = must.iter().find(|key| !table.contains_key(*key)) {
            return Err(BadSettings::Missing(missing.clone()));
        }
        each(table)
    }

    /// What it takes, as a JSON Schema.
    pub fn schema(&self) -> serde_json::Value {
        let (must, may) = self.names();
        let mut schema = schemars::schema_for!(Settings).to_value();
        if let Some(properties) = schema.get_mut("properties").and_then(|all| all.as_object_mut()) {
            properties.retain(|name, _| must.contains(name) || may.contains(name));
        }
        schema["title"] = self.service.as_str().into();
        schema["required"] = must.into();
        schema
    }
}

/// The `providers` of a file that holds nothing else: all that one process is told in a file.
pub fn providers_of_file(file: Option<&str>) -> Result<Vec<Provider>, BadSettings> {
    let table = file.map(from_file).transpose()?.unwrap_or_default();
    if let Some(unknown) = table.keys().find(|key| *key != "providers") {
        return Err(BadSettings::Unknown(unknown.clone()));
    }
    Ok(each(table)?.providers.unwrap_or_default())
}

fn from_file(file: &str) -> Result<toml::Table, BadSettings> {
    let text = std::fs::read_to_string(file).map_err(|_| BadSettings::Unreadable(file.to_owned()))?;
    text.parse().map_err(|error: toml::de::Error| {
        let upto = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(upto).filter(|byte| *byte == b'\n').count() + 1;
        BadSettings::NotToml { file: file.to_owned(), line }
    })
}

/// A variable is text unless it is plainly TOML of another kind: a list, a table, a number, a truth.
fn typed(value: &str) -> toml::Value {
    let other =
        value.starts_with(['[', '{']) || value.parse::<i64>().is_ok() || matches!(value, "true" | "false");
    let read = format!("value = {value}").parse::<toml::Table>().ok().filter(|_| other);
    read.and_then(|mut table| table.remove("value")).unwrap_or_else(|| toml::Value::String(value.to_owned()))
}

/// One setting after the other, so that the wrong one is named.
fn each(table: toml::Table) -> Result<Settings, BadSettings> {
    for (name, value) in &table {
        let alone = toml::Table::from_iter([(name.clone(), value.clone())]);
        if Settings::deserialize(alone).is_err() {
            return Err(BadSettings::wrong(name, "is not of the form it must have (see `config-schema`)"));
        }
    }
    Settings::deserialize(table).map_err(|_| BadSettings::wrong("the settings", "do not read together"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSENT: Needs = Needs {
        service: ServiceName::Consent,
        store: true,
        bus: true,
        cache: false,
        data_key: true,
        own: &[],
        optional: &[],
    };

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, BadSettings> {
        let whole = [
            ("LCR_LISTEN", "0.0.0.0:8080"),
            ("LCR_ADMIN_LISTEN", "0.0.0.0:9090"),
            ("LCR_DATABASE_URL", "postgres://lcr:hunter2@db/lcr"),
            ("LCR_BUS_URL", "nats://nats:4222"),
            ("LCR_AUDIT_URL", "http://audit:8080"),
            ("PATH", "/bin"),
        ];
        let all = whole.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        CONSENT.read(&all.filter(|(_, value)| !value.is_empty()).collect())
    }

    #[test]
    fn what_is_unknown_missing_or_wrong_is_named_and_no_value_is_repeated() {
        assert!(read(&[]).is_ok());
        assert_eq!(
            read(&[("LCR_GATEWAY_URL", "http://x")]).unwrap_err(),
            BadSettings::Unknown("gateway_url".into())
        );
        assert_eq!(
            read(&[("LCR_CACHE_URL", "redis://x")]).unwrap_err(),
            BadSettings::Unknown("cache_url".into())
        );
        let missing = read(&[("LCR_AUDIT_URL", "")]).map_or_else(|_| "", |_| "read");
        assert_eq!(missing, "read", "an empty address reads; whether it is one is asked when it is used");
        let wrong = read(&[("LCR_LISTEN", "8080 or so")]).unwrap_err().to_string();
        assert!(wrong.contains("`listen`") && !wrong.contains("or so"), "{wrong}");
        let missing = CONSENT.read(&BTreeMap::new()).unwrap_err().to_string();
        assert!(missing.contains("LCR_LISTEN"), "{missing}");
        assert!(!format!("{:?}", read(&[]).unwrap()).contains("hunter2"));
    }

    #[test]
    fn a_variable_may_be_a_number_or_a_list_and_text_stays_text() {
        assert_eq!(read(&[("LCR_BUS_REPLICAS", "3")]).unwrap().bus_replicas, Some(3));
        let keys = read(&[("LCR_PUBLIC_KEYS", r#"{ audit = ["k:AAA"] }"#)]).unwrap().public_keys.unwrap();
        assert_eq!(keys["audit"], ["k:AAA"]);
    }

    #[test]
    fn the_schema_names_what_it_takes_and_nothing_else() {
        let schema = CONSENT.schema();
        assert!(schema["properties"]["audit_url"].is_object());
        assert!(schema["properties"]["cache_url"].is_null());
        assert_eq!(schema["additionalProperties"], false);
    }
}
