//! Schemas of the fields whose Rust type says too little: dataset names, the words of the registry,
//! further fields, dates. Derive all others.

use lcr_contracts::{
    registry::{PartnerState, Stage},
    vocabulary::Duty,
};
use lcr_model::{Dataset, Role};
use schemars::{Schema, SchemaGenerator, json_schema};

use super::{ClientSpec, FieldSpec};

/// A set of dataset names.
pub fn datasets(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = Dataset::ALL.iter().map(|dataset| dataset.as_str()).collect();
    json_schema!({
        "type": "array",
        "maxItems": names.len(),
        "x-kubernetes-list-type": "set",
        "items": {"type": "string", "enum": names}
    })
}

/// One dataset name.
pub fn dataset(_: &mut SchemaGenerator) -> Schema {
    choice(Dataset::ALL.iter().map(|dataset| dataset.as_str()))
}

/// A stage of a switch-on.
pub fn stage(_: &mut SchemaGenerator) -> Schema {
    choice([Stage::Off, Stage::SafetyTesters, Stage::PilotTeams, Stage::On].map(Stage::as_str))
}

/// How far an organisation has come.
pub fn partner_state(_: &mut SchemaGenerator) -> Schema {
    choice(PartnerState::ALL.map(PartnerState::as_str))
}

/// As what somebody signs for an organisation.
pub fn duty(_: &mut SchemaGenerator) -> Schema {
    choice(Duty::ALL.map(Duty::as_str))
}

/// A set of roles.
pub fn roles(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    json_schema!({
        "type": "array",
        "maxItems": names.len(),
        "x-kubernetes-list-type": "set",
        "items": {"type": "string", "enum": names}
    })
}

fn choice(names: impl IntoIterator<Item = &'static str>) -> Schema {
    json_schema!({"type": "string", "enum": names.into_iter().collect::<Vec<_>>()})
}

/// A list of further fields with unique keys.
pub fn fields(generator: &mut SchemaGenerator) -> Schema {
    let item = generator.subschema_for::<FieldSpec>();
    json_schema!({
        "type": "array",
        "maxItems": 30,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["key"],
        "items": item
    })
}

/// A list of clients with unique ids.
pub fn clients(generator: &mut SchemaGenerator) -> Schema {
    let item = generator.subschema_for::<ClientSpec>();
    json_schema!({
        "type": "array",
        "maxItems": 20,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["id"],
        "items": item
    })
}

/// A calendar date.
pub fn date(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "date", "maxLength": 10})
}
