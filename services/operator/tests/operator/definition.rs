//! The definition: the chart has the generated one, no released field is narrowed, and invalid resources are refused.

mod validation;

use std::{fs, path::Path};

use kube::core::cel::{validate_cel, validate_cel_update};
use lcr_operator::crd::{PartnerSystem, definition_yaml};
use serde_json::{Value, json};

use crate::{
    scene::{fhir, parsed},
    schema_compatibility::narrowed,
};

fn schema(text: &str) -> Value {
    let definition: Value = serde_saphyr::from_str(text).unwrap();
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone()
}

#[test]
fn the_charts_definition_equals_the_generated_one() {
    let file = lcr_testkit::root().join("charts/leeds-care-record/files/crds/partnersystems.yaml");
    let now = definition_yaml().unwrap();
    if std::env::var("LCR_GOLDEN").is_ok_and(|word| word == "update") {
        fs::write(&file, &now).unwrap();
    }
    let how = "run this test with LCR_GOLDEN=update and read the difference";
    assert!(fs::read_to_string(&file).unwrap() == now, "{} is another: {how}", file.display());
}

#[test]
fn no_released_field_is_removed_or_narrowed() {
    let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/released/partnersystems-v1.yaml");
    let released = schema(&fs::read_to_string(released).unwrap());
    assert_eq!(narrowed(&released, &schema(&definition_yaml().unwrap())), [] as [&str; 0]);
}

#[test]
fn lists_are_merged_by_key_or_as_sets_and_no_field_may_be_null() {
    let text = definition_yaml().unwrap();
    let schema = schema(&text);
    let conditions = &schema["properties"]["status"]["properties"]["conditions"];
    assert_eq!(conditions["x-kubernetes-list-type"], "map");
    assert_eq!(conditions["x-kubernetes-list-map-keys"], json!(["type"]));
    assert_eq!(schema["properties"]["spec"]["properties"]["datasets"]["x-kubernetes-list-type"], "set");
    assert!(!text.contains("nullable"));
}

#[test]
fn a_resource_has_no_place_for_a_private_key() {
    let spec = schema(&definition_yaml().unwrap())["properties"]["spec"].clone();
    let key =
        &spec["properties"]["clients"]["items"]["properties"]["jwks"]["properties"]["keys"]["items"]["properties"];
    let members: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"]);
}

#[test]
fn organisation_and_system_of_a_resource_cannot_change() {
    let before = parsed(&fhir("pas"));
    let mut renamed = fhir("pas");
    renamed["spec"]["name"] = json!("Leeds PAS, new");
    assert!(validate_cel_update(&parsed(&renamed), &before).is_ok());
    for (key, to) in [("odsCode", "RGD"), ("system", "lab")] {
        let mut other = fhir("pas");
        other["spec"][key] = json!(to);
        let refused = validate_cel_update(&parsed(&other), &before).unwrap_err().to_string();
        assert!(refused.contains("another PartnerSystem"), "{refused}");
    }
}

#[test]
fn patterns_accept_good_values_and_refuse_bad_ones() {
    let spec = schema(&definition_yaml().unwrap())["properties"]["spec"].clone();
    let validator = jsonschema::validator_for(&spec).unwrap();
    let valid = |key: &str, to: &str| {
        let mut value = fhir("pas")["spec"].clone();
        value[key] = json!(to);
        validator.is_valid(&value)
    };
    for (key, good, bad) in [
        ("odsCode", "RR8", "rr8"),
        ("odsCode", "Y90001", "R R8"),
        ("system", "gp-east", "-gp"),
        ("endpoint", "https://fhir.example.nhs.uk:8443/r4", "http://fhir.example.nhs.uk/r4"),
        ("endpoint", "https://fhir.example.nhs.uk", "https://user:pw@fhir.example.nhs.uk"),
        ("endpoint", "https://fhir.example.nhs.uk/a/b", "https://fhir.example.nhs.uk/?token=1"),
        ("kind", "mental-health", "hospice"),
        ("protocol", "hl7v2-http", "ftp"),
    ] {
        assert!(valid(key, good), "{key}: {good}");
        assert!(!valid(key, bad), "{key}: {bad}");
    }
}

#[test]
fn the_examples_are_accepted() {
    let spec = schema(&definition_yaml().unwrap())["properties"]["spec"].clone();
    let validator = jsonschema::validator_for(&spec).unwrap();
    for name in ["partnersystem.yaml", "partnersystem-staged.yaml"] {
        let text = fs::read_to_string(lcr_testkit::root().join("k8s/examples").join(name)).unwrap();
        let example: PartnerSystem = serde_saphyr::from_str(&text).unwrap();
        assert!(validate_cel(&example).is_ok(), "{name}");
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value["spec"]).map(|error| error.to_string()).collect();
        assert_eq!(errors, [] as [&str; 0], "{name}");
    }
}
