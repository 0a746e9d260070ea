//! Generates the `CustomResourceDefinition` from the types. It must never be edited by hand: a test compares
//! `charts/leeds-care-record/files/crds/partnersystems.yaml` with it.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray,
};
use kube::CustomResourceExt;

use super::PartnerSystem;

const FILE_HEADER: &str = "# PartnerSystem: one source system of one organisation, as the operator knows it. This is what \
                    `operator crd` prints;\n# change `services/operator/src/crd.rs` and print it anew.\n";

/// Generates the definition of `PartnerSystem`.
pub fn definition() -> CustomResourceDefinition {
    let mut crd = PartnerSystem::crd();
    let versions = crd.spec.versions.iter_mut().filter_map(|version| version.schema.as_mut());
    for schema in versions.filter_map(|schema| schema.open_api_v3_schema.as_mut()) {
        remove_nullable(schema);
    }
    crd
}

/// The definition as a YAML file, which reviewers compare.
pub fn definition_yaml() -> Result<String, String> {
    let tidy = serde_saphyr::ser_options! { compact_list_indent: false };
    let text = serde_saphyr::to_string_with_options(&definition(), tidy).map_err(|error| error.to_string())?;
    Ok(format!("{FILE_HEADER}{}\n", text.trim_end()))
}

/// Forbids null: a CEL rule counts a null field as present, the operator counts it as absent.
fn remove_nullable(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    schema.properties.iter_mut().flat_map(|fields| fields.values_mut()).for_each(remove_nullable);
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = schema.items.as_mut() {
        remove_nullable(items);
    }
}
