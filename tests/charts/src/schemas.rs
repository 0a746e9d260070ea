//! Validates objects: Kubernetes' own kinds by `kubernetes-validate`, other kinds by the schemas in
//! `LCR_TEST_DATA/crd-schemas` and `tests/charts/schemas`, and ours by its definition. A kind without a schema must be an
//! error.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::{
    chart, documents,
    objects::{text, title},
    tools,
};

/// The Kubernetes version of the schemas.
const KUBERNETES: &str = "1.37";
const OUR_GROUP: &str = "leedscarerecord.uk";
/// The API groups of Kubernetes itself.
const OWN_GROUPS: [&str; 8] = [
    "",
    "apps",
    "autoscaling",
    "policy",
    "coordination.k8s.io",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
    "apiextensions.k8s.io",
];

/// Validates the objects of Kubernetes' own kinds.
pub fn validate_own_kinds(objects: &[Value]) -> Result<(), String> {
    let folder = lcr_testkit::Folder::new("charts").map_err(|error| error.to_string())?;
    let mut command = tools::from_package("kubernetes-validate")?;
    command.args(["--strict", "-k", KUBERNETES]);
    for (at, object) in objects.iter().filter(|object| is_own(object)).enumerate() {
        let path = folder.path().join(format!("{at}.json"));
        fs::write(&path, object.to_string()).map_err(|error| error.to_string())?;
        command.arg(path);
    }
    let output = tools::run(&mut command)?;
    let unseen: Vec<&str> = output.lines().filter(|line| line.contains("WARN")).collect();
    if unseen.is_empty() { Ok(()) } else { Err(unseen.join("\n")) }
}

/// Validates the objects of all other kinds and returns the errors. `folder` holds their schemas.
pub fn validate_other_kinds(objects: &[Value], folder: &Path) -> Result<Vec<String>, String> {
    let mut validators: BTreeMap<String, jsonschema::Validator> = BTreeMap::new();
    let mut wrong = vec![];
    for object in objects.iter().filter(|object| !is_own(object)) {
        let key = format!("{} {}", text(object, "/apiVersion"), text(object, "/kind"));
        if !validators.contains_key(&key) {
            let schema = schema_of(object, folder)?;
            let validator = jsonschema::validator_for(&schema).map_err(|error| format!("{key}: {error}"))?;
            validators.insert(key.clone(), validator);
        }
        let errors = validators.get(&key).into_iter().flat_map(|validator| validator.iter_errors(object));
        wrong.extend(errors.map(|error| format!("{} {}: {error}", title(object), error.instance_path())));
    }
    Ok(wrong)
}

fn is_own(object: &Value) -> bool {
    let version = text(object, "/apiVersion");
    OWN_GROUPS.contains(&version.split_once('/').map_or("", |(group, _)| group))
}

fn schema_of(object: &Value, folder: &Path) -> Result<Value, String> {
    let (group, version) = text(object, "/apiVersion").split_once('/').unwrap_or_default();
    if group == OUR_GROUP {
        return partner_system_schema();
    }
    let within = format!("{group}/{}_{version}.json", text(object, "/kind").to_lowercase());
    let here = lcr_testkit::root().join("tests/charts/schemas").join(&within);
    let file = if here.is_file() { here } else { folder.join(within) };
    let text = fs::read_to_string(&file).map_err(|error| format!("{} has no schema: {error}", title(object)))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// The schema of `PartnerSystem` from its definition, closed for unknown keys.
fn partner_system_schema() -> Result<Value, String> {
    let definition = documents::parse_single(&chart("files/crds/partnersystems.yaml"))?;
    let schema = definition.pointer("/spec/versions/0/schema/openAPIV3Schema");
    let mut schema = schema.cloned().ok_or("the definition of PartnerSystem has no schema")?;
    // The API server checks these keys itself.
    for head in ["apiVersion", "kind", "metadata"] {
        schema["properties"][head] = serde_json::json!(true);
    }
    forbid_unknown_keys(&mut schema);
    Ok(schema)
}

fn forbid_unknown_keys(schema: &mut Value) {
    let Some(fields) = schema.pointer_mut("/properties").and_then(Value::as_object_mut) else { return };
    fields.values_mut().for_each(forbid_unknown_keys);
    if let Some(object) = schema.as_object_mut() {
        object.entry("additionalProperties").or_insert(Value::Bool(false));
    }
}
