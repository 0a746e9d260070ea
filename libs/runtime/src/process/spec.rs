//! Which settings a service requires and which it accepts. Every other setting must be refused by name.

use std::collections::BTreeMap;

use lcr_contracts::{call_graph, events::Stream};
use lcr_model::ServiceName;

use super::settings::{BadSettings, FILE, PREFIX, Settings, deserialise, parse_value, read_file};

/// What a service requires besides the common settings.
#[derive(Debug, Clone, Copy)]
pub struct ServiceSpec {
    pub service: ServiceName,
    pub store: bool,
    pub bus: bool,
    pub cache: bool,
    /// The streams it subscribes to, under its own name.
    pub subscribes_to: &'static [Stream],
    /// Whether it seals or opens data.
    pub data_key: bool,
    /// Required settings of its own.
    pub settings: &'static [&'static str],
    /// Optional settings of its own.
    pub optional: &'static [&'static str],
}

impl ServiceSpec {
    /// The required and the optional names.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let mut must: Vec<String> = vec!["listen".into(), "admin_listen".into()];
        must.extend(call_graph::callees(self.service).map(|to| format!("{}_url", to.as_str().replace('-', "_"))));
        let adapters = [(self.store, "database_url"), (self.bus, "bus_url"), (self.cache, "cache_url")];
        must.extend(adapters.iter().filter(|(needed, _)| *needed).map(|(_, name)| (*name).to_owned()));
        must.extend(self.settings.iter().map(|name| (*name).to_owned()));
        let mut may: Vec<String> =
            ["connections_per_peer", "log", "otlp_endpoint", "public_keys", "signing_key", "trial_key", "demo"]
                .map(str::to_owned)
                .into();
        let also = [(self.store, "migrate_database_url"), (self.bus, "bus_replicas"), (self.data_key, "data_key")];
        may.extend(also.iter().filter(|(taken, _)| *taken).map(|(_, name)| (*name).to_owned()));
        may.extend(self.optional.iter().map(|name| (*name).to_owned()));
        (must, may)
    }

    /// Reads the file and the environment. Tests pass their own `environment`.
    pub fn read(&self, environment: &BTreeMap<String, String>) -> Result<Settings, BadSettings> {
        let mut table = match environment.get(FILE) {
            None => toml::Table::new(),
            Some(file) => read_file(file)?,
        };
        for (name, value) in environment {
            if let Some(key) = name.strip_prefix(PREFIX).filter(|_| name != FILE) {
                table.insert(key.to_lowercase(), parse_value(value));
            }
        }
        let (must, may) = self.names();
        if let Some(unknown) = table.keys().find(|key| !must.contains(key) && !may.contains(key)) {
            return Err(BadSettings::Unknown(unknown.clone()));
        }
        if let Some(missing) = must.iter().find(|key| !table.contains_key(*key)) {
            return Err(BadSettings::Missing(missing.clone()));
        }
        deserialise(table)
    }

    /// The settings as a JSON Schema.
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

#[cfg(test)]
mod tests {
    use super::*;

    const CONSENT: ServiceSpec = ServiceSpec {
        service: ServiceName::Consent,
        store: true,
        bus: true,
        cache: false,
        subscribes_to: &[],
        data_key: true,
        settings: &[],
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
    fn an_error_names_the_setting_and_never_its_value() {
        assert!(read(&[]).is_ok());
        assert_eq!(read(&[("LCR_GATEWAY_URL", "http://x")]).unwrap_err(), BadSettings::Unknown("gateway_url".into()));
        assert_eq!(read(&[("LCR_CACHE_URL", "redis://x")]).unwrap_err(), BadSettings::Unknown("cache_url".into()));
        let missing = read(&[("LCR_AUDIT_URL", "")]).map_or_else(|_| "", |_| "read");
        assert_eq!(missing, "read", "an empty address reads; whether it is one is asked when it is used");
        let wrong = read(&[("LCR_LISTEN", "8080 or so")]).unwrap_err().to_string();
        assert!(wrong.contains("`listen`") && !wrong.contains("or so"), "{wrong}");
        let missing = CONSENT.read(&BTreeMap::new()).unwrap_err().to_string();
        assert!(missing.contains("LCR_LISTEN"), "{missing}");
        assert!(!format!("{:?}", read(&[]).unwrap()).contains("hunter2"));
    }

    #[test]
    fn variables_parse_as_numbers_lists_or_text() {
        assert_eq!(read(&[("LCR_BUS_REPLICAS", "3")]).unwrap().bus_replicas, Some(3));
        let keys = read(&[("LCR_PUBLIC_KEYS", r#"{ audit = ["k:AAA"] }"#)]).unwrap().public_keys.unwrap();
        assert_eq!(keys["audit"], ["k:AAA"]);
    }

    #[test]
    fn the_schema_lists_only_the_service_s_settings() {
        let schema = CONSENT.schema();
        assert!(schema["properties"]["audit_url"].is_object());
        assert!(schema["properties"]["cache_url"].is_null());
        assert_eq!(schema["additionalProperties"], false);
    }
}
