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
#[path = "service_settings_tests.rs"]
mod tests;
