//! The definition as it is installed: derived from the types, then put into the words of the chart. It may only ever
//! be generated; `charts/leeds-care-record/files/crds/partnersystems.yaml` is a copy that a test compares.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray,
};
use kube::CustomResourceExt;

use super::PartnerSystem;

const HEAD: &str = "# PartnerSystem: one source system of one organisation, as the operator knows it. This is what \
                    `operator crd` prints;\n# change `services/operator/src/crd.rs` and print it anew.\n";

/// The definition of `PartnerSystem`.
pub fn definition() -> CustomResourceDefinition {
    let mut crd = PartnerSystem::crd();
    let versions = crd.spec.versions.iter_mut().filter_map(|version| version.schema.as_mut());
    for schema in versions.filter_map(|schema| schema.open_api_v3_schema.as_mut()) {
        never_null(schema);
    }
    crd
}

/// The definition as a file, so that a reviewer sees what changed.
pub fn yaml() -> Result<String, String> {
    let tidy = serde_saphyr::ser_options! { compact_list_indent: false };
    let text =
        serde_saphyr::to_string_with_options(&definition(), tidy).map_err(|error| error.to_string())?;
    Ok(format!("{HEAD}{}\n", text.trim_end()))
}

/// A field is there or it is not: to the rules a null would be there, and to the operator it would not.
fn never_null(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    schema.properties.iter_mut().flat_map(|fields| fields.values_mut()).for_each(never_null);
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = schema.items.as_mut() {
        never_null(items);
    }
}
