//! Whether a schema still takes whatever an older one took: what was written once must be written again tomorrow.

use std::collections::BTreeSet;

use serde_json::Value;

/// What `now` no longer takes that `then` took, by path.
pub fn narrowed(then: &Value, now: &Value) -> Vec<String> {
    let mut found = vec![];
    compare("", then, now, &mut found);
    found
}

fn compare(path: &str, then: &Value, now: &Value, found: &mut Vec<String>) {
    for key in ["type", "format", "pattern", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"] {
        if now.get(key).is_some() && now.get(key) != then.get(key) {
            found.push(format!("{path}: {key} is another"));
        }
    }
    for (key, narrows) in [("maxLength", -1), ("maxItems", -1), ("minLength", 1), ("minItems", 1)] {
        let bound = |of: &Value| of.get(key).and_then(Value::as_i64);
        let open = if narrows < 0 { i64::MAX } else { 0 };
        let (was, is) = (bound(then).unwrap_or(open), bound(now).unwrap_or(open));
        if (narrows < 0 && is < was) || (narrows > 0 && is > was) {
            found.push(format!("{path}: {key} is {is}"));
        }
    }
    let gone = |key: &str, of: &Value, than: &Value| &texts(of, key) - &texts(than, key);
    found.extend(gone("required", now, then).iter().map(|one| format!("{path}: {one} is required")));
    found.extend(
        gone("x-kubernetes-validations", now, then).iter().map(|one| format!("{path}: new rule {one}")),
    );
    if now.get("enum").is_some() {
        found.extend(gone("enum", then, now).iter().map(|one| format!("{path}: {one} is no choice")));
        if then.get("enum").is_none() {
            found.push(format!("{path}: has choices"));
        }
    }
    if let Some(items) = then.get("items") {
        compare(&format!("{path}[]"), items, &now["items"], found);
    }
    for (name, field) in then["properties"].as_object().into_iter().flatten() {
        match now["properties"].get(name) {
            Some(now) => compare(&format!("{path}.{name}"), field, now, found),
            None => found.push(format!("{path}.{name} is gone")),
        }
    }
}

/// The texts of a list, or the rules of its validations.
fn texts(schema: &Value, key: &str) -> BTreeSet<String> {
    let all = schema[key].as_array().cloned().unwrap_or_default();
    let text = |one: &Value| one.as_str().or_else(|| one["rule"].as_str()).map(str::to_owned);
    all.iter().filter_map(text).collect()
}

#[test]
fn what_is_taken_back_is_named_and_what_is_added_is_not() {
    let then = serde_json::json!({"type": "object", "required": ["a"], "properties": {
        "a": {"type": "string", "maxLength": 10, "enum": ["x", "y"]}, "b": {"type": "integer"}}});
    let mut now = then.clone();
    now["properties"]["c"] = serde_json::json!({"type": "string"});
    now["properties"]["a"]["maxLength"] = 20.into();
    now["properties"]["a"]["enum"] = serde_json::json!(["x", "y", "z"]);
    assert_eq!(narrowed(&then, &now), [] as [&str; 0]);
    now["required"] = serde_json::json!(["a", "c"]);
    now["properties"]["a"] = serde_json::json!({"type": "string", "maxLength": 5, "enum": ["x"]});
    now["properties"].as_object_mut().unwrap().remove("b");
    let said = narrowed(&then, &now).join("; ");
    assert_eq!(said, ": c is required; .a: maxLength is 5; .a: y is no choice; .b is gone");
}
