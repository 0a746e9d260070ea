use serde_json::json;

use super::*;

fn patched(operations: &Value) -> Value {
    let mut resource = json!({
        "userName": "sam@example.org",
        "displayName": "Sam Reed",
        "active": true,
        "name": { "givenName": "Sam", "familyName": "Reed" },
        "emails": [{ "type": "work", "value": "sam@example.org" }],
        "roles": [{ "value": "gp", "primary": true }],
    });
    let members = resource.as_object_mut().unwrap();
    apply(members, &json!({ "Operations": operations })).unwrap();
    resource
}

#[test]
fn entra_disables_and_renames_people_in_its_own_way() {
    let patched = patched(&json!([
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Replace", "path": "name.familyName", "value": "Field" },
        { "op": "Add", "path": "emails[type eq \"home\"].value", "value": "sam@home.example" },
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "field@example.org" },
        { "op": "Replace", "path": "roles[primary eq \"True\"].value", "value": "receptionist" },
        { "op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "x" },
        { "op": "Replace", "value": { "displayName": "Sam Field", "name.givenName": "Samuel" } },
    ]));
    let expected = json!({
        "userName": "sam@example.org",
        "displayName": "Sam Field",
        "active": "False",
        "name": { "givenName": "Samuel", "familyName": "Field" },
        "emails": [
            { "type": "work", "value": "field@example.org" },
            { "type": "home", "value": "sam@home.example" },
        ],
        "roles": [{ "value": "receptionist", "primary": true }],
    });
    assert_eq!(patched, expected);
}

#[test]
fn okta_replaces_without_a_path() {
    assert_eq!(patched(&json!([{ "op": "replace", "value": { "active": false } }]))["active"], json!(false));
}

#[test]
fn a_complex_attribute_keeps_the_parts_that_are_not_named() {
    let patched = patched(&json!([{ "op": "replace", "path": "NAME", "value": { "FamilyName": "Field" } }]));
    assert_eq!(patched["name"], json!({ "givenName": "Sam", "familyName": "Field" }));
}

#[test]
fn attributes_and_elements_are_removed() {
    let patched = patched(&json!([
        { "op": "remove", "path": "displayName" },
        { "op": "remove", "path": "name.givenName" },
        { "op": "remove", "path": "emails[type eq \"work\"]" },
    ]));
    assert_eq!(patched["name"], json!({ "familyName": "Reed" }));
    assert_eq!((patched.get("displayName"), &patched["emails"]), (None, &json!([])));
}

#[test]
fn members_are_added_once_and_removed_by_filter_or_by_value() {
    let mut group = json!({ "members": [{ "value": "a" }, { "value": "b" }] });
    let mut change = |operations: Value| -> Vec<String> {
        apply(group.as_object_mut().unwrap(), &json!({ "Operations": operations })).unwrap();
        group["members"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
    };
    let added = change(json!([{ "op": "Add", "path": "members", "value": [{ "value": "b" }, { "value": "c" }] }]));
    assert_eq!(added, ["a", "b", "c"]);
    let by_filter = change(json!([{ "op": "remove", "path": "members[value eq \"a\"]" }]));
    assert_eq!(by_filter, ["b", "c"]);
    let by_value = change(json!([{ "op": "Remove", "path": "members", "value": [{ "value": "b" }] }]));
    assert_eq!(by_value, ["c"]);
}

#[test]
fn a_large_group_changes_quickly_and_a_change_of_too_many_members_is_refused() {
    let members = |range: std::ops::Range<usize>| -> Vec<Value> {
        range.map(|number| json!({ "value": number.to_string() })).collect()
    };
    let mut group = json!({ "members": members(0..20_000) });
    let change = |group: &mut Value, operation: Value| {
        apply(group.as_object_mut().unwrap(), &json!({ "Operations": [operation] }))
    };
    let count = |group: &Value| group["members"].as_array().unwrap().len();
    let add = |range| json!({ "op": "add", "path": "members", "value": members(range) });
    change(&mut group, add(19_000..21_000)).unwrap();
    assert_eq!(count(&group), 21_000);
    change(&mut group, json!({ "op": "remove", "path": "members", "value": members(0..2000) })).unwrap();
    assert_eq!(count(&group), 19_000);
    let before = group.clone();
    for operation in [add(0..2001), json!({ "op": "replace", "value": { "members": members(0..2001) } })] {
        assert_eq!(change(&mut group, operation).unwrap_err().scim_type, Some("tooMany"));
    }
    assert_eq!(group, before);
}

#[test]
fn malformed_changes_are_refused_with_their_cause() {
    let refusal = |patch: Value| {
        let mut resource = Map::new();
        apply(&mut resource, &patch).unwrap_err().scim_type.unwrap()
    };
    let one = |operation: Value| json!({ "Operations": [operation] });
    assert_eq!(refusal(json!([])), "invalidSyntax");
    assert_eq!(refusal(json!({ "schemas": [] })), "invalidSyntax");
    assert_eq!(refusal(one(json!({ "op": "move", "path": "active" }))), "invalidSyntax");
    assert_eq!(refusal(one(json!({ "op": "remove" }))), "noTarget");
    assert_eq!(refusal(one(json!({ "op": "add", "value": "x" }))), "invalidValue");
    for path in ["", "a b", "emails[", "emails[type]", "emails[type eq \"work\"]x", "name.a.b", "1"] {
        assert_eq!(refusal(one(json!({ "op": "add", "path": path, "value": "x" }))), "invalidPath", "{path}");
    }
    let either = json!({ "op": "add", "path": "emails[type eq \"a\" or type eq \"b\"].value", "value": "x" });
    assert_eq!(refusal(one(either)), "noTarget");
    assert_eq!(refusal(json!({ "Operations": vec![json!({ "op": "remove", "path": "a" }); 1001] })), "tooMany");
}
