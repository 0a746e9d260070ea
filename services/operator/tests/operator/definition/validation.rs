//! Tests of the resources that the API server accepts and refuses.

use kube::core::cel::validate_cel;
use serde_json::{Value, json};

use crate::scene::{fhir, parsed};

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
