//! The definition: the chart has the generated one, no released field is narrowed, and invalid resources are refused.

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

/// The result of validating a changed FHIR system: "taken" or the errors.
fn validation_result(change: impl Fn(&mut Value)) -> String {
    let mut value = fhir("pas");
    change(&mut value);
    validate_cel(&parsed(&value)).map_or_else(|errors| errors.to_string(), |()| "taken".into())
}

#[test]
fn a_complete_system_is_accepted_and_contradictions_are_refused() {
    let spec = |key: &'static str, to: Value| move |value: &mut Value| value["spec"][key] = to.clone();
    let without = |value: &mut Value, key: &str| drop(value["spec"].as_object_mut().unwrap().remove(key));
    assert_eq!(validation_result(|_| ()), "taken");
    assert_eq!(validation_result(spec("senders", json!([{"application": "PAS", "facility": "RR8"}]))), "taken");
    let feed = |value: &mut Value| {
        value["spec"]["protocol"] = json!("hl7v2-mllp");
        without(value, "endpoint");
        value["spec"]["senders"] = json!([{"application": "PAS", "facility": "RR8"}]);
    };
    assert_eq!(validation_result(feed), "taken");
    assert_eq!(validation_result(|value| without(value, "agreement")), "taken", "not agreed yet");
    for (wrong, why) in [
        (validation_result(|value| value["metadata"]["name"] = json!("rr8-other")), "the name is the ODS code"),
        (validation_result(|value| without(value, "endpoint")), "fhir-r4 has an endpoint"),
        (validation_result(spec("protocol", json!("fhir-messages"))), "a feed has none"),
        (
            validation_result(|value| {
                feed(value);
                without(value, "senders");
            }),
            "a feed names its senders",
        ),
        (validation_result(spec("endpoint", json!("https://10.1.2.3/r4"))), "not to addresses"),
        (
            validation_result(|value| value["spec"]["agreement"]["expires"] = json!("2026-04-01")),
            "expires after it was signed",
        ),
        (
            validation_result(|value| {
                drop(value["spec"]["agreement"].as_object_mut().unwrap().remove("signedOn"));
            }),
            "expires after",
        ),
    ] {
        assert!(wrong.contains(why), "{why}: {wrong}");
    }
}

#[test]
fn stages_clients_and_token_endpoints_are_complete_or_refused() {
    let staged = |stages: Value| {
        validation_result(move |value| {
            value["spec"]["stages"] = stages.clone();
            value["spec"]["testers"] = json!(["018f-tester"]);
        })
    };
    let off = |dataset: &str| json!({"dataset": dataset, "stage": "off"});
    let on = json!({"dataset": "encounters", "stage": "on", "signedOffBy": "A. Smith", "userView": "clear"});
    assert_eq!(staged(json!([off("demographics"), on])), "taken");
    let client = |more: Value| {
        validation_result(move |value| {
            let mut client = json!({"id": "a", "name": "A", "role": "feeds-client", "scope": "feeds.write"});
            client.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            value["spec"]["clients"] = json!([client]);
        })
    };
    let keys = json!({"keys": [{"kty": "EC", "kid": "a"}]});
    assert_eq!(client(json!({"jwks": keys})), "taken");
    let spec = |key: &'static str, to: Value| move |value: &mut Value| value["spec"][key] = to.clone();
    assert_eq!(validation_result(spec("tokenUrl", json!("https://login.example.org/token"))), "taken");
    for (wrong, why) in [
        (staged(json!([off("demographics")])), "each dataset has one"),
        (
            staged(json!([off("demographics"), {"dataset": "encounters", "receiver": "B86001", "stage": "off"}])),
            "has one",
        ),
        (staged(json!([off("demographics"), {"dataset": "encounters", "stage": "pilot-teams"}])), "who signed it off"),
        (
            staged(json!([off("demographics"), {"dataset": "encounters", "stage": "on", "signedOffBy": "A. Smith"}])),
            "what service users said",
        ),
        (validation_result(spec("testers", json!(["018f-tester"]))), "testers need stages"),
        (validation_result(spec("pilots", json!(["B86001"]))), "pilots need stages"),
        (client(json!({})), "a client has its public keys here"),
        (client(json!({"jwks": keys, "jwksUrl": "https://keys.example.org"})), "a client has its public keys here"),
        (client(json!({"jwksUrl": "https://10.1.2.3/jwks"})), "not to addresses"),
        (validation_result(spec("tokenUrl", json!("https://10.1.2.3/token"))), "not to addresses"),
        (
            validation_result(|value| {
                let spec = value["spec"].as_object_mut().unwrap();
                spec.remove("endpoint");
                spec.insert("protocol".into(), json!("hl7v2-http"));
                spec.insert("senders".into(), json!([{"application": "PAS", "facility": "RR8"}]));
                spec.insert("tokenUrl".into(), json!("https://login.example.org/token"));
            }),
            "only a system that we ask",
        ),
    ] {
        assert!(wrong.contains(why), "{why}: {wrong}");
    }
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
