//! For tests: items with a marker in every element that can hold text. A marker names its own path. This is never part
//! of the service.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::{Map, Value, json};

use super::resource_type::ResourceType;

/// The name, whether it is a list, and the types.
type Element = (&'static str, bool, Vec<&'static str>);

struct Hl7Elements {
    types: BTreeMap<&'static str, Vec<Element>>,
    codes: BTreeMap<&'static str, Vec<&'static str>>,
}

static HL7: LazyLock<Hl7Elements> = LazyLock::new(|| {
    let mut all = Hl7Elements { types: BTreeMap::new(), codes: BTreeMap::new() };
    let mut block = "";
    for line in include_str!("../../../../libs/fhir/r4/elements.txt").lines() {
        if let Some((set, codes)) = line.strip_prefix("= ").and_then(|line| line.split_once(' ')) {
            all.codes.insert(set, codes.split(' ').collect());
        } else if let Some(element) = line.strip_prefix("  ") {
            let (name, types) = element.split_once(' ').unwrap();
            let many = name.ends_with(['*', '+']);
            let name = name.trim_end_matches(['!', '*', '+']);
            all.types.entry(block).or_default().push((name, many, types.split(' ').collect()));
        } else if !line.starts_with('#') {
            block = line;
        }
    }
    all
});

/// The start and end of a marker, too long to occur in a random id by chance.
const MARKER_START: &str = "XqPlantedAt";
const MARKER_END: &str = "PlantedEndqX";
/// How deep nested parts are filled.
const MAX_DEPTH: usize = 6;

/// An item of `kind` about `Patient/{local_id}`. `seed` selects the type of each choice element.
pub fn item_with_markers(resource_type: ResourceType, id: &str, local_id: &str, seed: u64) -> Value {
    let mut fields = fill_elements(resource_type.as_str(), resource_type.as_str(), seed, 0);
    fields.insert("resourceType".to_owned(), json!(resource_type.as_str()));
    fields.insert("id".to_owned(), json!(id));
    let of_person = json!({ "reference": format!("Patient/{local_id}"), "display": marker("subject.display") });
    for name in ["subject", "patient"] {
        if fields.contains_key(name) {
            fields.insert(name.to_owned(), of_person.clone());
        }
    }
    if resource_type == ResourceType::Appointment {
        fields.insert("participant".to_owned(), json!([{ "actor": of_person, "status": "accepted" }]));
    }
    Value::Object(fields)
}

/// The paths of all markers in a text.
pub fn marker_paths(text: &str) -> Vec<String> {
    let parts = text.split(MARKER_START).skip(1);
    parts.filter_map(|part| part.split_once(MARKER_END).map(|(path, _)| path.to_owned())).collect()
}

fn marker(path: &str) -> String {
    format!("{MARKER_START}{path}{MARKER_END}")
}

fn fill_elements(of: &str, path: &str, seed: u64, depth: usize) -> Map<String, Value> {
    // Labels, unknown modifiers and denials omit an item. They have tests of their own.
    const EXCLUDED: [&str; 6] =
        ["implicitRules", "modifierExtension", "security", "securityLabel", "docStatus", "relatesTo"];
    let mut fields = Map::new();
    for (name, many, types) in HL7.types.get(of).into_iter().flatten() {
        if EXCLUDED.contains(name) {
            continue;
        }
        let chosen = types[usize::try_from(seed % types.len() as u64).unwrap()];
        let field = match name.strip_suffix("[x]") {
            Some(base) => format!("{base}{}{}", chosen[..1].to_ascii_uppercase(), &chosen[1..]),
            None => (*name).to_owned(),
        };
        let path = format!("{path}.{field}");
        if let Some(value) = sample_value(chosen, &path, seed / 3 + 7, depth + 1) {
            fields.insert(field, if *many { json!([value]) } else { value });
        }
    }
    fields
}

fn sample_value(of: &str, path: &str, seed: u64, depth: usize) -> Option<Value> {
    let leaf = path.rsplit('.').next().unwrap_or_default();
    Some(match of {
        "boolean" => json!(leaf == "active" || seed.is_multiple_of(2)),
        "integer" | "positiveInt" | "unsignedInt" | "decimal" => json!(7),
        "date" => json!("2026-03-05"),
        "dateTime" | "instant" => json!("2026-03-05T10:00:00Z"),
        "time" => json!("10:00:00"),
        "base64Binary" => json!("WHFxWA=="),
        "uri" if leaf == "system" && !seed.is_multiple_of(3) => json!("http://snomed.info/sct"),
        "Resource" => {
            json!({ "resourceType": "Practitioner", "id": marker(path), "name": [{ "text": marker(path) }] })
        }
        set if set.starts_with("code:") => {
            const DENIES: [&str; 5] = ["entered-in-error", "cancelled", "superseded", "not-done", "refuted"];
            let codes = HL7.codes.get(set.trim_start_matches("code:"))?;
            json!(codes.iter().find(|code| !DENIES.contains(code))?)
        }
        "Extension" if depth < MAX_DEPTH => {
            json!({ "url": marker(&format!("{path}.url")), "valueString": marker(&format!("{path}.valueString")) })
        }
        part if part.starts_with(char::is_uppercase) => {
            let fields = if depth < MAX_DEPTH { fill_elements(part, path, seed, depth) } else { Map::new() };
            if fields.is_empty() {
                return None;
            }
            Value::Object(fields)
        }
        _ => json!(marker(path)),
    })
}
