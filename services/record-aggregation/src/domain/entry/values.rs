//! A result's value in words, of every type that FHIR allows, and its reference ranges. A value that cannot be shown is
//! said to be there; "no value" is said only where the source sent none.

use lcr_fhir::{date_words, read, time_words, words};
use serde_json::Value;

/// What an observation or one of its components says.
#[derive(Default)]
pub struct Reading {
    /// Empty where the source sent no value.
    pub words: String,
    pub unit: Option<String>,
    /// Digits that a chart may join.
    pub number: Option<String>,
}

/// The value under `value[x]`.
pub fn reading(root: &Value, value: &Value) -> Reading {
    if let Some(quantity) = read::at(value, "valueQuantity") {
        return match words::quantity(quantity) {
            Some(amount) => Reading { words: amount.words, unit: amount.unit, number: amount.number },
            None => said(absent_in(quantity).unwrap_or_else(|| NOT_SHOWN.to_owned())),
        };
    }
    let Some((name, sent)) = chosen(value) else { return Reading::default() };
    let in_words = match name {
        "valueCodeableConcept" => words::concept(Some(sent)),
        "valueString" => sent.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned),
        "valueRange" => words::range(sent),
        "valueRatio" => words::ratio(sent),
        "valueTime" => sent.as_str().map(time_words),
        "valueDateTime" => sent.as_str().map(date_words),
        "valuePeriod" => words::period(sent),
        "valueSampledData" => words::sampled_data(sent),
        _ => words::any(root, sent),
    };
    said(in_words.unwrap_or_else(|| NOT_SHOWN.to_owned()))
}

const NOT_SHOWN: &str = "A value that cannot be shown here: see the item as sent";

fn said(words: String) -> Reading {
    Reading { words, ..Reading::default() }
}

fn chosen(value: &Value) -> Option<(&str, &Value)> {
    let fields = value.as_object()?.iter().map(|(name, value)| (name.as_str(), value));
    let mut values = fields.filter(|(name, value)| {
        !value.is_null() && name.strip_prefix("value").is_some_and(|of| of.starts_with(char::is_uppercase))
    });
    values.next()
}

/// Why a quantity has no value, where its source gave the reason in HL7's extension.
fn absent_in(quantity: &Value) -> Option<String> {
    let all = read::list(quantity, "extension").iter().chain(read::list(quantity, "_value.extension"));
    let mut reasons =
        all.filter(|one| read::str_at(one, "url").is_some_and(|url| url.ends_with("data-absent-reason")));
    let code = reasons.find_map(|one| read::str_at(one, "valueCode"))?;
    let words = words::code_words("http://terminology.hl7.org/CodeSystem/data-absent-reason", code);
    Some(format!("No value: {}", words.unwrap_or(code)))
}

/// Why there is no value, in words.
pub fn absent(value: &Value) -> Option<String> {
    read::concept_at(value, "dataAbsentReason").map(|why| format!("No value: {}", lower_first(&why)))
}

fn lower_first(text: &str) -> String {
    let second_is_upper = text.chars().nth(1).is_some_and(char::is_uppercase);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !second_is_upper => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// Each component: its name, and its value with unit, flag and range, or why there is none.
pub fn components(root: &Value, value: &Value) -> Vec<(String, String)> {
    let one = |component: &Value| {
        let read = reading(root, component);
        let value = match (read.words.is_empty(), read.unit) {
            (true, _) => absent(component).unwrap_or_else(|| "no value given".to_owned()),
            (false, Some(unit)) => format!("{} {unit}", read.words),
            (false, None) => read.words,
        };
        let flag = flags(component).map(|flag| format!(", {flag}")).unwrap_or_default();
        let range = ranges(component).map(|range| format!(" ({range})")).unwrap_or_default();
        (super::named(read::concept_at(component, "code")), format!("{value}{flag}{range}"))
    };
    read::list(value, "component").iter().map(one).collect()
}

/// High, low, resistant: every interpretation, in words.
pub fn flags(value: &Value) -> Option<String> {
    const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
    let one = |concept: &Value| {
        let codes = read::list(concept, "coding").iter().filter_map(|coding| read::str_at(coding, "code"));
        let by_code =
            codes.chain(read::str_at(concept, "text")).find_map(|code| words::code_words(SYSTEM, code));
        by_code.map(str::to_owned).or_else(|| words::concept(Some(concept)))
    };
    let mut flags: Vec<String> = read::list(value, "interpretation").iter().filter_map(one).collect();
    flags.dedup();
    (!flags.is_empty()).then(|| flags.join(", "))
}

/// Every reference range with whom it is for. Several stand beside one another: which of them applies is not ours to say.
pub fn ranges(value: &Value) -> Option<String> {
    let ranges: Vec<String> = read::list(value, "referenceRange").iter().filter_map(range).collect();
    (!ranges.is_empty()).then(|| ranges.join("; "))
}

fn range(range: &Value) -> Option<String> {
    let ends = words::range(&without_units(range)).or_else(|| read::text(range, "text"))?;
    let kind = read::concept_at(range, "type").filter(|kind| !is_usual(range, kind));
    let whom = read::list(range, "appliesTo").iter().filter_map(|one| words::concept(Some(one)));
    let age = read::at(range, "age").and_then(words::range).map(|age| format!("age {age}"));
    let text = read::text(range, "text")
        .filter(|text| *text != ends && read::at(range, "low").or(read::at(range, "high")).is_some());
    let about: Vec<String> = kind.into_iter().chain(whom).chain(age).chain(text).collect();
    Some(if about.is_empty() { ends } else { format!("{ends} {}", about.join(", ")) })
}

/// The usual kind of range needs no words.
fn is_usual(range: &Value, kind: &str) -> bool {
    read::text(range, "type.text").is_none() && read::has_code(range, "type", "normal")
        || kind.eq_ignore_ascii_case("normal range")
}

/// Ranges have the unit of their result: it is not said again.
fn without_units(range: &Value) -> Value {
    let end = |name: &str| {
        let mut end = range.get(name)?.clone();
        let fields = end.as_object_mut()?;
        for unit in ["unit", "code", "system"] {
            fields.remove(unit);
        }
        Some((name.to_owned(), end))
    };
    Value::Object([end("low"), end("high")].into_iter().flatten().collect())
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
