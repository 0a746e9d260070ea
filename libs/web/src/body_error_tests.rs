//! Tests of `body_error.rs`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its refusals are tried")]
struct Site {
    ods: String,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its refusals are tried")]
struct Body {
    contact: String,
    #[serde(default)]
    per_minute: u32,
    #[serde(default)]
    sites: Vec<Site>,
    #[serde(default)]
    roles: BTreeMap<String, u32>,
}

fn refusal(body: &str) -> String {
    let error = serde_json::from_slice::<Body>(body.as_bytes()).unwrap_err();
    explain::<Body>(body.as_bytes(), &error).outward().to_owned()
}

#[test]
fn a_missing_field_is_named() {
    assert_eq!(refusal("{}"), "Say `contact`: the body does not have it.");
    let site = r#"{"contact": "x", "sites": [{"ods": "A1B2C", "name": "y"}, {"ods": "A1B2C"}]}"#;
    assert_eq!(refusal(site), "Say `name` in `sites`, entry 2: the body does not have it.");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_by_its_field_and_never_repeated() {
    for body in [r#"{"contact": 943}"#, r#"{"contact": {"Fredrica": 1}}"#] {
        let text = refusal(body);
        assert!(text.starts_with("Say `contact` in another way"), "{text}");
        assert!(!text.contains("943") && !text.contains("Fredrica"), "{text}");
    }
    let number = refusal(r#"{"contact": "x", "per_minute": "secret"}"#);
    assert!(number.starts_with("Say `per_minute`") && !number.contains("secret"), "{number}");
}

#[test]
fn a_name_that_the_caller_chose_is_not_repeated() {
    let key = refusal(r#"{"contact": "x", "roles": {"fredrica": "gp"}}"#);
    assert!(key.starts_with("Say `roles` in another way") && !key.contains("fredrica"), "{key}");
    let unknown = refusal(r#"{"contact": "x", "fredrica": 1}"#);
    assert!(unknown.contains("a field this call does not take") && !unknown.contains("fredrica"), "{unknown}");
    let inner = refusal(r#"{"contact": "x", "sites": [{"fredrica": 1}]}"#);
    assert!(inner.starts_with("Say `sites`, entry 1") && !inner.contains("fredrica"), "{inner}");
}

#[test]
fn what_is_not_json_is_said_to_be_none() {
    assert!(refusal("{").starts_with("The body is not JSON, at line 1, column "));
    assert!(refusal("[1]").starts_with("The body has a field this call does not take"));
}
