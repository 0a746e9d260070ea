//! Reads values from a checked resource by path: dots separate fields, a number picks from a list. It must never change a value.

use serde_json::Value;

use crate::display;

/// The value at `path`, if any.
pub fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        Value::Object(fields) => fields.get(step),
        _ => None,
    })
}

pub fn str_at<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    at(value, path)?.as_str().filter(|text| !text.trim().is_empty())
}

pub fn text(value: &Value, path: &str) -> Option<String> {
    str_at(value, path).map(str::to_owned)
}

/// The list at `path`; empty when absent.
pub fn list<'v>(value: &'v Value, path: &str) -> &'v [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The display text of the concept at `path`.
pub fn concept_at(value: &Value, path: &str) -> Option<String> {
    display::concept(at(value, path))
}

/// The code of the first coding at `path`.
pub fn code_at<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    list(at(value, path)?, "coding").iter().find_map(|coding| str_at(coding, "code"))
}

/// Whether any coding of any concept in the list (or the single concept) at `path` has `code`.
pub fn has_code(value: &Value, path: &str, code: &str) -> bool {
    concepts(value, path)
        .iter()
        .flat_map(|concept| list(concept, "coding"))
        .any(|coding| str_at(coding, "code") == Some(code))
}

/// The first code of `known` found at `path`. HL7's own systems come before others, and codes before text and display.
pub fn known_code<'k>(value: &Value, path: &str, known: &[&'k str]) -> Option<&'k str> {
    let concepts = concepts(value, path);
    let codings_of = |official: bool| {
        let codings = concepts.iter().flat_map(|concept| list(concept, "coding"));
        codings.filter(move |coding| official == str_at(coding, "system").is_some_and(|one| one.contains("hl7.org")))
    };
    let mut codes = codings_of(true).chain(codings_of(false)).filter_map(|coding| str_at(coding, "code"));
    let find = |text: &str| known.iter().copied().find(|code| code.eq_ignore_ascii_case(&text.replace(' ', "-")));
    let by_text = || concepts.iter().filter_map(|concept| str_at(concept, "text")).find_map(|text| find(text.trim()));
    let by_display = || {
        codings_of(true)
            .chain(codings_of(false))
            .filter_map(|coding| str_at(coding, "display"))
            .find_map(|text| find(text.trim()))
    };
    codes.find_map(find).or_else(by_text).or_else(by_display)
}

/// The concepts at `path`, which may hold one or a list.
fn concepts<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    match at(value, path) {
        Some(Value::Array(many)) => many.iter().collect(),
        Some(one) => vec![one],
        None => vec![],
    }
}

/// The display text of a `Reference` at `path`: display, contained resource's name or identifier, but never a bare id.
pub fn reference_display(value: &Value, path: &str) -> Option<String> {
    display::reference(value, at(value, path)?)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
