//! The names of resources, of what they refer to, and of medicines. A bare id is never a name.

use serde_json::Value;

use super::{concept, human_name, ratio};
use crate::read::{at, list, str_at, text};

/// A `Reference`: its display, else the name of the contained resource, else an identifier; never a bare id.
pub fn reference(root: &Value, reference: &Value) -> Option<String> {
    reference_within(root, reference, MAX_DEPTH)
}

/// How many references between contained resources are followed. Bounded because they may form a circle.
const MAX_DEPTH: u8 = 3;

/// Ingredients read of one medicine.
const MAX_INGREDIENTS: usize = 20;

fn reference_within(root: &Value, reference: &Value, depth: u8) -> Option<String> {
    let deeper = depth.checked_sub(1);
    let contained =
        || find_contained(root, str_at(reference, "reference")?).and_then(|one| name_within(root, one, deeper?));
    let identifier = || text(reference, "identifier.value");
    text(reference, "display").or_else(contained).or_else(identifier)
}

/// The resource contained in `root` that a reference such as `#m1` names.
pub fn find_contained<'v>(root: &'v Value, reference: &str) -> Option<&'v Value> {
    let id = reference.strip_prefix('#')?;
    list(root, "contained").iter().find(|one| str_at(one, "id").is_some_and(|own| own.trim_start_matches('#') == id))
}

/// The name of a resource.
pub fn resource_name(resource: &Value) -> Option<String> {
    name_within(resource, resource, MAX_DEPTH)
}

/// The name of a resource that may refer to others contained in `root`.
fn name_within(root: &Value, resource: &Value, depth: u8) -> Option<String> {
    if str_at(resource, "resourceType") == Some("Medication") {
        return medication_name(root, resource, depth);
    }
    let person = || list(resource, "name").first().and_then(human_name);
    let device = || text(resource, "deviceName.0.name");
    text(resource, "name")
        .or_else(person)
        .or_else(device)
        .or_else(|| concept(at(resource, "code")))
        .or_else(|| concept(at(resource, "type")))
        .or_else(|| text(resource, "description"))
}

/// A `Medication`: its code, else its ingredients with strengths; then its form if the name lacks it.
fn medication_name(root: &Value, medication: &Value, depth: u8) -> Option<String> {
    let ingredients = list(medication, "ingredient").iter().take(MAX_INGREDIENTS).filter_map(|one| {
        let item = &one["itemReference"];
        let name = concept(at(one, "itemCodeableConcept"))
            .or_else(|| reference_within(medication, item, depth))
            .or_else(|| reference_within(root, item, depth))?;
        let strength = at(one, "strength").and_then(ratio);
        Some(strength.map_or(name.clone(), |strength| format!("{name} {strength}")))
    });
    let ingredients: Vec<String> = ingredients.take(10).collect();
    let name =
        concept(at(medication, "code")).or_else(|| (!ingredients.is_empty()).then(|| ingredients.join(" + ")))?;
    let form = concept(at(medication, "form")).filter(|form| !name.to_lowercase().contains(&form.to_lowercase()));
    Some(form.map_or(name.clone(), |form| format!("{name} {}", form.to_lowercase())))
}
