//! Changes of the elements of a multi-valued attribute. Pure.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::merge;
use crate::people::scim::{ScimError, attribute, path::PatchPath};

/// The most elements that one change names. The elements that the resource has are not counted.
pub(super) const MAX_ELEMENTS: usize = 2000;

/// The attributes with several values, in lower case.
const MULTI_VALUED: [&str; 8] =
    ["emails", "roles", "members", "groups", "phonenumbers", "addresses", "entitlements", "photos"];

/// The elements of an operation's value, also of one without a path.
pub(super) fn count_elements(value: &Value) -> usize {
    match value {
        Value::Array(elements) => elements.len(),
        Value::Object(members) => members.values().filter_map(Value::as_array).map(Vec::len).sum(),
        _ => 0,
    }
}

pub(super) fn is_multi_valued(key: &str) -> bool {
    MULTI_VALUED.contains(&key.to_ascii_lowercase().as_str())
}

pub(super) fn to_elements(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements.clone(),
        Value::Null => vec![],
        one => vec![one.clone()],
    }
}

pub(super) fn into_elements(value: Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements,
        one => to_elements(&one),
    }
}

/// The elements with the new ones, without repeating one.
pub(super) fn added(before: Vec<Value>, new: &[Value]) -> Vec<Value> {
    let fresh: Vec<Value> = {
        let mut known: HashSet<_> = before.iter().map(identity_of).collect();
        new.iter().filter(|element| known.insert(identity_of(element))).cloned().collect()
    };
    let mut elements = before;
    elements.extend(fresh);
    elements
}

/// What makes an element of a multi-valued attribute the same as another: its value and its type. A member is a member once.
fn identity_of(element: &Value) -> (Option<&Value>, Option<&Value>) {
    match element.as_object() {
        Some(members) => (attribute(members, "value"), attribute(members, "type")),
        None => (Some(element), None),
    }
}

pub(super) fn set_sub(resource: &mut Map<String, Value>, key: String, sub: &str, value: &Value) {
    let empty = if is_multi_valued(&key) { Value::Array(vec![]) } else { Value::Object(Map::new()) };
    let target = resource.entry(key).or_insert(empty);
    let one = Map::from_iter([(sub.to_owned(), value.clone())]);
    match target {
        Value::Object(members) => merge(members, &one),
        Value::Array(elements) if elements.is_empty() => elements.push(Value::Object(one)),
        Value::Array(elements) => {
            elements.iter_mut().filter_map(Value::as_object_mut).for_each(|each| merge(each, &one));
        }
        other => *other = Value::Object(one),
    }
}

/// Sets the elements that match, or makes the one that the filter describes.
pub(super) fn set_elements(
    resource: &mut Map<String, Value>,
    key: String,
    path: &PatchPath,
    value: &Value,
) -> Result<(), ScimError> {
    let Some(filter) = &path.filter else { return Ok(()) };
    let new = match (&path.sub, value) {
        (Some(sub), value) => Map::from_iter([(sub.clone(), value.clone())]),
        (None, Value::Object(members)) => members.clone(),
        (None, _) => return Err(ScimError::invalid_value("An element of this attribute is an object.")),
    };
    let mut elements = resource.get(&key).map_or_else(Vec::new, to_elements);
    let mut found = false;
    for element in elements.iter_mut().filter_map(Value::as_object_mut) {
        if filter.matches(element) {
            found = true;
            merge(element, &new);
        }
    }
    if !found {
        let described = filter.described_element();
        let mut element = described.ok_or_else(|| ScimError::bad("noTarget", "No element matches the path."))?;
        merge(&mut element, &new);
        elements.push(Value::Object(element));
    }
    resource.insert(key, Value::Array(elements));
    Ok(())
}

/// The object, or the objects of a list.
#[expect(clippy::needless_pass_by_value, reason = "an option of a reference is what a map returns")]
pub(super) fn objects_of(value: Option<&mut Value>) -> Vec<&mut Map<String, Value>> {
    match value {
        Some(Value::Object(members)) => vec![members],
        Some(Value::Array(elements)) => elements.iter_mut().filter_map(Value::as_object_mut).collect(),
        _ => vec![],
    }
}
