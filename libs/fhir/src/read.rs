//! Reading values out of a checked resource. A path names fields by dots; a number picks from a list.

use serde_json::Value;

/// The value at `path`, if it is there.
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

/// A `CodeableConcept` in words: its text, else the first display, else the first code.
pub fn concept(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let displays = || list(value, "coding").iter().find_map(|coding| text(coding, "display"));
    let codes = || list(value, "coding").iter().find_map(|coding| text(coding, "code"));
    text(value, "text").or_else(displays).or_else(codes)
}

/// The concept at `path` in words.
pub fn concept_at(value: &Value, path: &str) -> Option<String> {
    concept(at(value, path))
}

/// The code of the first coding at `path`.
pub fn code_at<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    list(at(value, path)?, "coding").iter().find_map(|coding| str_at(coding, "code"))
}

/// Whether any coding of any concept in the list (or the single concept) at `path` has `code`.
pub fn has_code(value: &Value, path: &str, code: &str) -> bool {
    let concepts: Vec<&Value> = match at(value, path) {
        Some(Value::Array(many)) => many.iter().collect(),
        Some(one) => vec![one],
        None => vec![],
    };
    concepts
        .iter()
        .flat_map(|concept| list(concept, "coding"))
        .any(|coding| str_at(coding, "code") == Some(code))
}

/// A number as a source wrote it, without trailing zeros.
pub fn number(value: &Value) -> Option<String> {
    let number = value.as_f64()?;
    Some(if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{number:.0}")
    } else {
        number.to_string()
    })
}

/// A `Quantity`: (comparator and value, unit).
pub fn quantity(value: &Value) -> Option<(String, Option<String>)> {
    let amount = number(at(value, "value")?)?;
    let comparator = match str_at(value, "comparator") {
        Some("<") => "less than ",
        Some("<=") => "at most ",
        Some(">") => "more than ",
        Some(">=") => "at least ",
        _ => "",
    };
    Some((format!("{comparator}{amount}"), text(value, "unit").or_else(|| text(value, "code"))))
}

/// A `Reference` in words: its display, else an identifier, never a bare id.
pub fn reference_words(value: &Value, path: &str) -> Option<String> {
    let reference = at(value, path)?;
    text(reference, "display").or_else(|| text(reference, "identifier.value"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_pick_fields_and_places() {
        let value = json!({ "a": [{ "b": "x" }], "c": { "coding": [{ "code": "1", "display": "One" }] } });
        assert_eq!(str_at(&value, "a.0.b"), Some("x"));
        assert_eq!(at(&value, "a.1.b"), None);
        assert_eq!(concept_at(&value, "c").as_deref(), Some("One"));
        assert!(has_code(&value, "c", "1"));
    }

    #[test]
    fn numbers_have_no_trailing_zeros() {
        assert_eq!(number(&json!(5.0)).as_deref(), Some("5"));
        assert_eq!(number(&json!(2.50)).as_deref(), Some("2.5"));
    }
}
