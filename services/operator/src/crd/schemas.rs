//! Schemas of the fields whose Rust type says too little: dataset names, further fields, dates. Derive all others.

use lcr_model::Dataset;
use schemars::{Schema, SchemaGenerator, json_schema};

use super::FieldSpec;

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

/// A calendar date.
pub fn date(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "date", "maxLength": 10})
}
