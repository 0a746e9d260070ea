//! Puts a result's value and reference ranges into words, for every FHIR type. It never says "no value" unless the
//! source sent none.

use lcr_fhir::{display, format_date, format_time, read};
use serde_json::Value;

use super::text::title_or_default;

/// The value of an observation or a component.
#[derive(Default)]
pub struct ResultValue {
    /// Empty if the source sent no value.
    pub words: String,
    pub unit: Option<String>,
    /// The digits, for a chart.
    pub number: Option<String>,
}

/// Reads the value under `value[x]`.
pub fn read_value(root: &Value, value: &Value) -> ResultValue {
    if let Some(quantity) = read::at(value, "valueQuantity") {
        return match display::quantity(quantity) {
            Some(amount) => ResultValue { words: amount.text, unit: amount.unit, number: amount.number },
            None => text_value(quantity_absent_reason(quantity).unwrap_or_else(|| NOT_SHOWN.to_owned())),
        };
    }
    let Some((name, sent)) = chosen_value(value) else { return ResultValue::default() };
    let in_words = match name {
        "valueCodeableConcept" => display::concept(Some(sent)),
        "valueString" => sent.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned),
        "valueRange" => display::range(sent),
        "valueRatio" => display::ratio(sent),
        "valueTime" => sent.as_str().map(format_time),
        "valueDateTime" => sent.as_str().map(format_date),
        "valuePeriod" => display::period(sent),
        "valueSampledData" => display::sampled_data(sent),
        _ => display::any_value(root, sent),
    };
    text_value(in_words.unwrap_or_else(|| NOT_SHOWN.to_owned()))
}

const NOT_SHOWN: &str = "A value that cannot be shown here: see the item as sent";

fn text_value(words: String) -> ResultValue {
    ResultValue { words, ..ResultValue::default() }
}

fn chosen_value(value: &Value) -> Option<(&str, &Value)> {
    let fields = value.as_object()?.iter().map(|(name, value)| (name.as_str(), value));
    let mut values = fields.filter(|(name, value)| {
        !value.is_null() && name.strip_prefix("value").is_some_and(|of| of.starts_with(char::is_uppercase))
    });
    values.next()
}

/// Why a quantity has no value, from HL7's `data-absent-reason` extension.
fn quantity_absent_reason(quantity: &Value) -> Option<String> {
    let all = read::list(quantity, "extension").iter().chain(read::list(quantity, "_value.extension"));
    let mut reasons = all.filter(|one| read::str_at(one, "url").is_some_and(|url| url.ends_with("data-absent-reason")));
    let code = reasons.find_map(|one| read::str_at(one, "valueCode"))?;
    let words = display::code_display("http://terminology.hl7.org/CodeSystem/data-absent-reason", code);
    Some(format!("No value: {}", words.unwrap_or(code)))
}

/// Why there is no value.
pub fn absent_reason(value: &Value) -> Option<String> {
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

/// The name of each component, and its value with unit, flag and range, or the reason for its absence.
pub fn components(root: &Value, value: &Value) -> Vec<(String, String)> {
    let one = |component: &Value| {
        let sent = read_value(root, component);
        let value = match (sent.words.is_empty(), sent.unit) {
            (true, _) => absent_reason(component).unwrap_or_else(|| "no value given".to_owned()),
            (false, Some(unit)) => format!("{} {unit}", sent.words),
            (false, None) => sent.words,
        };
        let flag = flags_text(component).map(|flag| format!(", {flag}")).unwrap_or_default();
        let range = ranges_text(component).map(|range| format!(" ({range})")).unwrap_or_default();
        (title_or_default(read::concept_at(component, "code")), format!("{value}{flag}{range}"))
    };
    read::list(value, "component").iter().map(one).collect()
}

/// All interpretations in words, such as high, low or resistant.
pub fn flags_text(value: &Value) -> Option<String> {
    const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
    let one = |concept: &Value| {
        let codes = read::list(concept, "coding").iter().filter_map(|coding| read::str_at(coding, "code"));
        let by_code = codes.chain(read::str_at(concept, "text")).find_map(|code| display::code_display(SYSTEM, code));
        by_code.map(str::to_owned).or_else(|| display::concept(Some(concept)))
    };
    let mut flags: Vec<String> = read::list(value, "interpretation").iter().filter_map(one).collect();
    flags.dedup();
    (!flags.is_empty()).then(|| flags.join(", "))
}

/// All reference ranges with the people they apply to. We do not decide which of them applies to this patient.
pub fn ranges_text(value: &Value) -> Option<String> {
    let ranges: Vec<String> = read::list(value, "referenceRange").iter().filter_map(range_text).collect();
    (!ranges.is_empty()).then(|| ranges.join("; "))
}

fn range_text(range: &Value) -> Option<String> {
    let ends = display::range(&without_units(range)).or_else(|| read::text(range, "text"))?;
    let kind = read::concept_at(range, "type").filter(|kind| !is_usual(range, kind));
    let whom = read::list(range, "appliesTo").iter().filter_map(|one| display::concept(Some(one)));
    let age = read::at(range, "age").and_then(display::range).map(|age| format!("age {age}"));
    let text = read::text(range, "text")
        .filter(|text| *text != ends && read::at(range, "low").or(read::at(range, "high")).is_some());
    let about: Vec<String> = kind.into_iter().chain(whom).chain(age).chain(text).collect();
    Some(if about.is_empty() { ends } else { format!("{ends} {}", about.join(", ")) })
}

/// Whether it is the normal range, which needs no words.
fn is_usual(range: &Value, kind: &str) -> bool {
    read::text(range, "type.text").is_none() && read::has_code(range, "type", "normal")
        || kind.eq_ignore_ascii_case("normal range")
}

/// Removes the units, because a range has the unit of its result.
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
