//! Formats FHIR data types as text. It must never lose a digit, unit or comparator. A value without text gives `None`, so that the
//! caller can say that something is missing.

mod amounts;
mod codes;
mod references;
mod units;

pub use amounts::{Amount, number, quantity, range, ratio, sampled_data};
pub use codes::{code_display, system_name};
pub use references::{find_contained, reference, resource_name};
use serde_json::Value;
pub use units::unit_in_print;

use crate::{
    dates::{format_date, format_time},
    read::{list, str_at, text},
};

/// The extension with the source's own text if FHIR's type cannot carry it (`065.88` as `Quantity.value`).
pub const ORIGINAL_TEXT: &str = "http://hl7.org/fhir/StructureDefinition/originalText";

/// A `CodeableConcept`: its text, else a display, else the code's name from our table, else the code and its system.
pub fn concept(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let codings = || list(value, "coding").iter();
    text(value, "text")
        .or_else(|| codings().find_map(|coding| text(coding, "display")))
        .or_else(|| codings().find_map(|coding| coding_name(coding).map(str::to_owned)))
        .or_else(|| codings().find_map(coding))
}

/// A `Coding`: its display, else the code's name from our table, else the code and its system.
pub fn coding(value: &Value) -> Option<String> {
    let code = str_at(value, "code");
    let bare = || {
        let code = code?;
        Some(match str_at(value, "system") {
            Some(system) => format!("{code} ({})", system_name(system)),
            None => code.to_owned(),
        })
    };
    text(value, "display").or_else(|| coding_name(value).map(str::to_owned)).or_else(bare)
}

fn coding_name(coding: &Value) -> Option<&'static str> {
    code_display(str_at(coding, "system").unwrap_or_default(), str_at(coding, "code")?)
}

fn original_text(extensions: Option<&Value>) -> Option<String> {
    let extensions = list(extensions?, "extension").iter();
    let mut original = extensions.filter(|one| str_at(one, "url") == Some(ORIGINAL_TEXT));
    original.find_map(|one| text(one, "valueString"))
}

/// A `Period`: `10-Jan-2026 to 12-Jan-2026`, `from …`, `until …`.
pub fn period(value: &Value) -> Option<String> {
    let end = |name: &str| str_at(value, name).map(format_date);
    match (end("start"), end("end")) {
        (Some(start), Some(end)) if start == end => Some(start),
        (Some(start), Some(end)) => Some(format!("{start} to {end}")),
        (Some(start), None) => Some(format!("from {start}")),
        (None, Some(end)) => Some(format!("until {end}")),
        (None, None) => None,
    }
}

/// An `Annotation`: its text, then who wrote it and when.
pub fn annotation(value: &Value) -> Option<String> {
    let note = text(value, "text")?;
    let author = text(value, "authorString").or_else(|| text(value, "authorReference.display"));
    let when = str_at(value, "time").map(format_date);
    let signed: Vec<String> = [author, when].into_iter().flatten().collect();
    Some(if signed.is_empty() { note } else { format!("{note} ({})", signed.join(", ")) })
}

/// A `HumanName`: its text, else prefix, given and family names.
pub fn human_name(name: &Value) -> Option<String> {
    let parts = |path: &str| list(name, path).iter().filter_map(Value::as_str).map(str::to_owned);
    let all_parts: Vec<String> =
        parts("prefix").chain(parts("given")).chain(text(name, "family")).chain(parts("suffix")).collect();
    text(name, "text").or_else(|| (!all_parts.is_empty()).then(|| all_parts.join(" ")))
}

/// An `Address` in one line.
pub fn address(address: &Value) -> Option<String> {
    let lines = list(address, "line").iter().filter_map(Value::as_str).map(str::to_owned);
    let rest = ["city", "district", "postalCode"].iter().filter_map(|path| text(address, path));
    let mut parts: Vec<String> = lines.chain(rest).filter(|part| !part.trim().is_empty()).collect();
    parts.dedup();
    text(address, "text").or_else(|| (!parts.is_empty()).then(|| parts.join(", ")))
}

/// Any data type, recognised by its fields. Lists are joined; a value without text gives `None`.
pub fn any_value(root: &Value, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(yes) => Some(if *yes { "Yes" } else { "No" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => format_text(text),
        Value::Array(all) => {
            let words: Vec<String> = all.iter().filter_map(|one| any_value(root, one)).collect();
            (!words.is_empty() && words.len() == all.len()).then(|| words.join("; "))
        }
        Value::Object(fields) => {
            let has = |name: &str| fields.contains_key(name);
            None.or_else(|| concept(Some(value)).filter(|_| has("coding") || has("text") && !has("time")))
                .or_else(|| annotation(value))
                .or_else(|| {
                    quantity(value).map(|one| one.with_unit()).filter(|_| !has("system") || has("unit") || has("code"))
                })
                .or_else(|| coding(value))
                .or_else(|| range(value))
                .or_else(|| ratio(value))
                .or_else(|| period(value).filter(|_| !has("value")))
                .or_else(|| sampled_data(value))
                .or_else(|| human_name(value).filter(|_| has("family") || has("given")))
                .or_else(|| address(value).filter(|_| has("line") || has("city") || has("postalCode")))
                .or_else(|| reference(root, value))
                .or_else(|| text(value, "value"))
        }
    }
}

/// Formats a text that is a date or time; returns other text unchanged.
fn format_text(text: &str) -> Option<String> {
    let text = text.trim();
    let is_time = text.len() >= 8 && text.as_bytes().get(2) == Some(&b':');
    let is_date = text.len() >= 7 && text.as_bytes().get(4) == Some(&b'-');
    match () {
        () if text.is_empty() => None,
        () if is_time => Some(format_time(text)),
        () if is_date => Some(format_date(text)),
        () => Some(text.to_owned()),
    }
}

#[cfg(test)]
mod tests;
