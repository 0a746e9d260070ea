//! Compares a schema with an older one. Every object valid under the old schema must stay valid.

use std::collections::BTreeSet;

use serde_json::Value;

/// Lists by path what `old` accepts and `new` does not.
pub fn narrowed(old: &Value, new: &Value) -> Vec<String> {
    let mut found = vec![];
    compare("", old, new, &mut found);
    found
}

fn compare(path: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    for key in ["type", "format", "pattern", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"] {
        if new.get(key).is_some() && new.get(key) != old.get(key) {
            found.push(format!("{path}: {key} is another"));
        }
    }
    for (key, narrows) in [("maxLength", -1), ("maxItems", -1), ("minLength", 1), ("minItems", 1)] {
        let bound = |of: &Value| of.get(key).and_then(Value::as_i64);
        let open = if narrows < 0 { i64::MAX } else { 0 };
        let (was, is) = (bound(old).unwrap_or(open), bound(new).unwrap_or(open));
        if (narrows < 0 && is < was) || (narrows > 0 && is > was) {
            found.push(format!("{path}: {key} is {is}"));
        }
    }
    let missing = |key: &str, of: &Value, than: &Value| &texts(of, key) - &texts(than, key);
    found.extend(missing("required", new, old).iter().map(|one| format!("{path}: {one} is required")));
    let rules = missing("x-kubernetes-validations", new, old);
    found.extend(rules.iter().filter(|rule| !needs_new_field(rule, old)).map(|one| format!("{path}: new rule {one}")));
    if new.get("enum").is_some() {
        found.extend(missing("enum", old, new).iter().map(|one| format!("{path}: {one} is no choice")));
        if old.get("enum").is_none() {
            found.push(format!("{path}: has choices"));
        }
    }
    if let Some(items) = old.get("items") {
        compare(&format!("{path}[]"), items, &new["items"], found);
    }
    for (name, field) in old["properties"].as_object().into_iter().flatten() {
        match new["properties"].get(name) {
            Some(new) => compare(&format!("{path}.{name}"), field, new, found),
            None => found.push(format!("{path}.{name} is gone")),
        }
    }
}

/// Whether a rule holds without a field that `old` lacks. The API server drops such a field of an older object.
fn needs_new_field(rule: &str, old: &Value) -> bool {
    let field = rule.strip_prefix("!has(self.").and_then(|rest| rest.split_once(") || ")).map(|(field, _)| field);
    field.is_some_and(|field| old["properties"].get(field).is_none())
}

/// The strings of a list, or the rules of a list of validations.
fn texts(schema: &Value, key: &str) -> BTreeSet<String> {
    let all = schema[key].as_array().cloned().unwrap_or_default();
    let text = |one: &Value| one.as_str().or_else(|| one["rule"].as_str()).map(str::to_owned);
    all.iter().filter_map(text).collect()
}

#[test]
fn removed_and_narrowed_fields_are_reported_and_added_ones_are_not() {
    let old = serde_json::json!({"type": "object", "required": ["a"], "properties": {
        "a": {"type": "string", "maxLength": 10, "enum": ["x", "y"]}, "b": {"type": "integer"}}});
    let mut new = old.clone();
    new["properties"]["c"] = serde_json::json!({"type": "string"});
    new["properties"]["a"]["maxLength"] = 20.into();
    new["properties"]["a"]["enum"] = serde_json::json!(["x", "y", "z"]);
    assert_eq!(narrowed(&old, &new), [] as [&str; 0]);
    new["required"] = serde_json::json!(["a", "c"]);
    new["properties"]["a"] = serde_json::json!({"type": "string", "maxLength": 5, "enum": ["x"]});
    new["properties"].as_object_mut().unwrap().remove("b");
    let report = narrowed(&old, &new).join("; ");
    assert_eq!(report, ": c is required; .a: maxLength is 5; .a: y is no choice; .b is gone");
}

#[test]
fn a_new_rule_may_only_be_about_a_new_field() {
    let old = serde_json::json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let with_rule = |rule: &str| {
        let mut new = old.clone();
        new["x-kubernetes-validations"] = serde_json::json!([{"rule": rule}]);
        narrowed(&old, &new).len()
    };
    assert_eq!(with_rule("!has(self.c) || has(self.a)"), 0);
    for rule in ["!has(self.a) || has(self.c)", "has(self.c)", "!has(self.c) && has(self.a)"] {
        assert_eq!(with_rule(rule), 1, "{rule}");
    }
}
