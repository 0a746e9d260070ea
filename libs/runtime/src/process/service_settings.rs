//! The settings that each service accepts and requires: common ones, by what it uses, and its own. Every other setting
//! must be refused by name.

use std::collections::BTreeMap;

use lcr_contracts::{call_graph, events::Stream};
use lcr_model::ServiceName;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::settings::{BadSettings, CommonSettings, FILE, PREFIX, deserialise, parse_value, read_table};

/// What a service uses. It decides which common settings the service has.
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
}

impl ServiceSpec {
    /// The required and the optional names of common settings.
    fn common_names(&self) -> (Vec<String>, Vec<String>) {
        let mut must: Vec<String> = vec!["listen".into(), "admin_listen".into()];
        must.extend(call_graph::callees(self.service).map(|to| format!("{}_url", to.as_str().replace('-', "_"))));
        let adapters = [(self.store, "database_url"), (self.bus, "bus_url"), (self.cache, "cache_url")];
        must.extend(adapters.iter().filter(|(needed, _)| *needed).map(|(_, name)| (*name).to_owned()));
        let mut may: Vec<String> =
            ["connections_per_peer", "log", "otlp_endpoint", "public_keys", "signing_key", "trial_key", "demo"]
                .map(str::to_owned)
                .into();
        let also = [(self.store, "migrate_database_url"), (self.bus, "bus_replicas"), (self.data_key, "data_key")];
        may.extend(also.iter().filter(|(taken, _)| *taken).map(|(_, name)| (*name).to_owned()));
        (must, may)
    }

    /// Reads the common settings and the service's own `S` from the file and the environment. Tests pass their own
    /// `environment`.
    pub fn read<S: DeserializeOwned + JsonSchema>(
        &self,
        environment: &BTreeMap<String, String>,
    ) -> Result<(CommonSettings, S), BadSettings> {
        let mut table = match environment.get(FILE) {
            None => toml::Table::new(),
            Some(file) => read_table(file)?,
        };
        for (name, value) in environment {
            if let Some(key) = name.strip_prefix(PREFIX).filter(|_| name != FILE) {
                table.insert(key.to_lowercase(), parse_value(value));
            }
        }
        let schema = self.schema::<S>();
        if let Some(unknown) = table.keys().find(|key| schema["properties"].get(*key).is_none()) {
            return Err(BadSettings::Unknown(unknown.clone()));
        }
        let mut required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Some(missing) = required.find(|key| !table.contains_key(*key)) {
            return Err(BadSettings::Missing(missing.to_owned()));
        }
        // Serde cannot both flatten a struct and refuse unknown fields: each struct reads its part of the table.
        let (must, may) = self.common_names();
        let (common, own): (toml::Table, toml::Table) =
            table.into_iter().partition(|(name, _)| must.contains(name) || may.contains(name));
        Ok((deserialise(common)?, deserialise(own)?))
    }

    /// The common settings and the service's own `S` as a JSON Schema.
    pub fn schema<S: JsonSchema>(&self) -> Value {
        let (mut must, may) = self.common_names();
        let mut own = schemars::schema_for!(S).to_value();
        let mut schema = schemars::schema_for!(CommonSettings).to_value();
        if let Some(properties) = schema["properties"].as_object_mut() {
            properties.retain(|name, _| must.contains(name) || may.contains(name));
            properties.extend(own["properties"].as_object_mut().map(std::mem::take).unwrap_or_default());
        }
        must.extend(own["required"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        schema["title"] = self.service.as_str().into();
        schema["description"] = "All settings. Each service accepts some of them.".into();
        if let Some(definitions) = own.get_mut("$defs") {
            schema["$defs"] = definitions.take();
        }
        schema["required"] = must.into();
        schema
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::process::NoSettings;

    const CONSENT: ServiceSpec = ServiceSpec {
        service: ServiceName::Consent,
        store: true,
        bus: true,
        cache: false,
        subscribes_to: &[],
        data_key: true,
    };

    /// Own settings: one required, one optional.
    #[derive(Debug, Deserialize, JsonSchema)]
    struct OwnSettings {
        public_origin: String,
        searches_per_minute: Option<u32>,
    }

    fn read(pairs: &[(&str, &str)]) -> Result<(CommonSettings, OwnSettings), BadSettings> {
        let whole = [
            ("LCR_LISTEN", "0.0.0.0:8080"),
            ("LCR_ADMIN_LISTEN", "0.0.0.0:9090"),
            ("LCR_DATABASE_URL", "postgres://lcr:hunter2@db/lcr"),
            ("LCR_BUS_URL", "nats://nats:4222"),
            ("LCR_AUDIT_URL", "http://audit:8080"),
            ("LCR_PUBLIC_ORIGIN", "https://record.example"),
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
        let missing = CONSENT.read::<OwnSettings>(&BTreeMap::new()).unwrap_err().to_string();
        assert!(missing.contains("LCR_LISTEN"), "{missing}");
        assert!(!format!("{:?}", read(&[]).unwrap()).contains("hunter2"));
    }

    #[test]
    fn variables_parse_as_numbers_lists_or_text() {
        assert_eq!(read(&[("LCR_BUS_REPLICAS", "3")]).unwrap().0.bus_replicas, Some(3));
        let keys = read(&[("LCR_PUBLIC_KEYS", r#"{ audit = ["k:AAA"] }"#)]).unwrap().0.public_keys.unwrap();
        assert_eq!(keys["audit"], ["k:AAA"]);
    }

    #[test]
    fn a_service_s_own_settings_are_read_and_refused_like_the_common_ones() {
        let (_, own) = read(&[("LCR_SEARCHES_PER_MINUTE", "30")]).unwrap();
        assert_eq!((own.public_origin.as_str(), own.searches_per_minute), ("https://record.example", Some(30)));
        let wrong = read(&[("LCR_SEARCHES_PER_MINUTE", "hunter2")]).unwrap_err().to_string();
        assert!(wrong.contains("`searches_per_minute`") && !wrong.contains("hunter2"), "{wrong}");
        let of_other = CONSENT.read::<NoSettings>(&BTreeMap::from([("LCR_PUBLIC_ORIGIN".into(), "x".into())]));
        assert_eq!(of_other.unwrap_err(), BadSettings::Unknown("public_origin".into()));
        let required = CONSENT.schema::<OwnSettings>()["required"].clone();
        let names = ["listen", "admin_listen", "audit_url", "database_url", "bus_url", "public_origin"];
        assert_eq!(required, serde_json::json!(names));
    }

    #[test]
    fn the_schema_lists_only_the_service_s_settings() {
        let schema = CONSENT.schema::<OwnSettings>();
        assert!(schema["properties"]["audit_url"].is_object());
        assert!(schema["properties"]["public_origin"].is_object());
        assert!(schema["properties"]["cache_url"].is_null());
        assert_eq!(schema["additionalProperties"], false);
    }
}
