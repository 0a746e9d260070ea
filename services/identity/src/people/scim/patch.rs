//! Changes of a resource (PATCH, RFC 7644, section 3.5.2), applied to its JSON, so that a changed resource is read as a
//! replaced one is. Pure. Attributes that we do not keep are taken and dropped.

mod elements;

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{ScimError, attribute, path::PatchPath, to_object};
use elements::{
    MAX_ELEMENTS, added, count_elements, into_elements, is_multi_valued, objects_of, set_elements, set_sub, to_elements,
};

/// The most operations of one change.
const MAX_OPERATIONS: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Add,
    Replace,
    Remove,
}

/// Applies each operation in turn.
pub fn apply(resource: &mut Map<String, Value>, patch: &Value) -> Result<(), ScimError> {
    let operations = attribute(to_object(patch)?, "Operations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| ScimError::bad("invalidSyntax", "The change has no operations."))?;
    if operations.len() > MAX_OPERATIONS {
        return Err(ScimError::bad("tooMany", "The change has more than 1,000 operations."));
    }
    let named = operations.iter().filter_map(|one| attribute(one.as_object()?, "value"));
    if named.map(count_elements).sum::<usize>() > MAX_ELEMENTS {
        return Err(ScimError::bad("tooMany", "The change names more than 2,000 elements. Send it in parts."));
    }
    operations.iter().try_for_each(|operation| apply_one(resource, to_object(operation)?))
}

fn apply_one(resource: &mut Map<String, Value>, operation: &Map<String, Value>) -> Result<(), ScimError> {
    let name = attribute(operation, "op").and_then(Value::as_str).unwrap_or_default();
    // Entra writes `Replace`.
    let kind = match name.to_ascii_lowercase().as_str() {
        "add" => Kind::Add,
        "replace" => Kind::Replace,
        "remove" => Kind::Remove,
        _ => return Err(ScimError::bad("invalidSyntax", "An operation is add, replace or remove.")),
    };
    let value = attribute(operation, "value");
    if let Some(path) = attribute(operation, "path") {
        let path = path.as_str().ok_or_else(|| ScimError::bad("invalidPath", "A path is a text."))?;
        return apply_at(resource, kind, path, value);
    }
    match (kind, value) {
        (Kind::Remove, _) => Err(ScimError::bad("noTarget", "What is to be removed needs a path.")),
        (_, Some(Value::Object(members))) => {
            // Entra writes paths as names: `{"name.familyName": "Reed"}`.
            members.iter().try_for_each(|(path, value)| apply_at(resource, kind, path, Some(value)))
        }
        _ => Err(ScimError::invalid_value("An operation without a path has an object as its value.")),
    }
}

fn apply_at(resource: &mut Map<String, Value>, kind: Kind, path: &str, value: Option<&Value>) -> Result<(), ScimError> {
    let Some(path) = PatchPath::parse(path)? else { return Ok(()) };
    let key = stored_key(resource, &path.attribute);
    match kind {
        Kind::Remove => remove(resource, &key, &path, value),
        Kind::Add | Kind::Replace => {
            let value = value.unwrap_or(&Value::Null);
            if path.filter.is_some() {
                set_elements(resource, key, &path, value)?;
            } else if let Some(sub) = &path.sub {
                set_sub(resource, key, sub, value);
            } else {
                set(resource, key, kind, value);
            }
        }
    }
    Ok(())
}

/// The name under which the resource has the attribute, or the name as it was written.
fn stored_key(resource: &Map<String, Value>, name: &str) -> String {
    let found = resource.keys().find(|key| key.eq_ignore_ascii_case(name));
    found.cloned().unwrap_or_else(|| name.to_owned())
}

fn set(resource: &mut Map<String, Value>, key: String, kind: Kind, value: &Value) {
    if is_multi_valued(&key) {
        let before = resource.remove(&key).filter(|_| kind == Kind::Add).map_or_else(Vec::new, into_elements);
        resource.insert(key, Value::Array(added(before, &to_elements(value))));
        return;
    }
    if let (Some(Value::Object(members)), Value::Object(new)) = (resource.get_mut(&key), value) {
        merge(members, new);
        return;
    }
    resource.insert(key, value.clone());
}

/// Sets the sub-attributes that are named and leaves the others.
fn merge(members: &mut Map<String, Value>, new: &Map<String, Value>) {
    for (name, value) in new {
        let key = stored_key(members, name);
        members.insert(key, value.clone());
    }
}

fn remove(resource: &mut Map<String, Value>, key: &str, path: &PatchPath, value: Option<&Value>) {
    match (&path.filter, &path.sub) {
        (None, None) => {
            // Entra removes members by their values instead of by a filter.
            if let (Some(removed), Some(Value::Array(elements))) = (value, resource.get_mut(key)) {
                let removed = to_elements(removed);
                let removed: HashSet<&Value> = removed.iter().map(value_of).collect();
                elements.retain(|element| !removed.contains(value_of(element)));
                return;
            }
            resource.remove(key);
        }
        (None, Some(sub)) => {
            for members in objects_of(resource.get_mut(key)) {
                members.retain(|name, _| !name.eq_ignore_ascii_case(sub));
            }
        }
        (Some(filter), None) => {
            if let Some(Value::Array(elements)) = resource.get_mut(key) {
                elements.retain(|element| !element.as_object().is_some_and(|members| filter.matches(members)));
            }
        }
        (Some(filter), Some(sub)) => {
            for members in objects_of(resource.get_mut(key)).into_iter().filter(|members| filter.matches(members)) {
                members.retain(|name, _| !name.eq_ignore_ascii_case(sub));
            }
        }
    }
}

fn value_of(element: &Value) -> &Value {
    element.get("value").unwrap_or(element)
}

#[cfg(test)]
#[path = "patch_tests.rs"]
mod tests;
