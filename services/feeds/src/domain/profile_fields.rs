//! Reads the additional fields that a hospital's profile defines (S-60). Each is unchanged, deleted or set. A value of
//! the wrong kind must change nothing.

use std::collections::BTreeMap;

use lcr_contracts::{
    FieldPlace,
    registry::{FurtherField, FurtherKind, System},
    spell::FieldUpdate,
};
use lcr_fhir::read;
use lcr_hl7::{Segment, time};
use serde_json::Value;

use super::{hl7_values, segment_groups::SegmentGroup};

/// The longest value, in characters. Longer text is cut.
const MAX_CHARS: usize = 200;

type FieldUpdates = BTreeMap<String, FieldUpdate<String>>;

fn fields(system: &System) -> &[FurtherField] {
    system.feed.as_ref().map_or(&[], |feed| &feed.fields)
}

/// The profile fields in a group of an HL7 v2 message.
pub fn read_group(system: &System, group: &SegmentGroup<'_>) -> FieldUpdates {
    let update = |field: &FurtherField| match field.place()? {
        FieldPlace::Segment { name, field: number, component } => {
            let update =
                group.field(name, number).first().map_or(FieldUpdate::Unchanged, |one| one.component_update(component));
            Some(convert_update(field, update))
        }
        FieldPlace::Observation(code) => {
            let is_it = |obx: &Segment<'_>| obx.field(3).code().as_deref() == Some(code);
            let obx = group.all("OBX").filter(is_it).last()?;
            Some(read_observation(field, obx))
        }
        FieldPlace::Extension(_) => None,
    };
    collect_updates(system, update)
}

/// The profile fields in a FHIR Encounter. A missing extension is unchanged.
pub fn read_encounter(system: &System, encounter: &Value) -> FieldUpdates {
    let update = |field: &FurtherField| {
        let Some(FieldPlace::Extension(url)) = field.place() else { return None };
        let mut all = read::list(encounter, "extension").iter();
        let one = all.find(|one| read::str_at(one, "url") == Some(url))?;
        Some(convert_update(field, FieldUpdate::Set(extension_text(one)?)))
    };
    collect_updates(system, update)
}

fn collect_updates(system: &System, update: impl Fn(&FurtherField) -> Option<FieldUpdate<String>>) -> FieldUpdates {
    let all = fields(system).iter().filter_map(|field| Some((field.key.clone(), update(field)?)));
    all.filter(|(_, update)| *update != FieldUpdate::Unchanged).collect()
}

/// The value of an OBX. A withdrawn OBX deletes the field.
fn read_observation(field: &FurtherField, obx: Segment<'_>) -> FieldUpdate<String> {
    if matches!(obx.field(11).code().as_deref(), Some("D" | "W" | "X")) {
        return FieldUpdate::Deleted;
    }
    let kind = hl7_values::value_type(obx);
    let update = match field.kind {
        FurtherKind::Text => obx.field(5).field_update(|one| hl7_values::value_words(&kind, one)),
        _ => obx.field(5).code_update(),
    };
    convert_update(field, update)
}

fn extension_text(extension: &Value) -> Option<String> {
    let value = |name: &str| extension.get(name);
    let plain =
        ["valueString", "valueCode", "valueDate", "valueDateTime", "valueInteger", "valueDecimal", "valueBoolean"];
    let found = plain.iter().find_map(|name| value(name)).map(|found| match found {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    let coded = || {
        read::text(extension, "valueCoding.code")
            .or_else(|| read::text(extension, "valueCodeableConcept.coding.0.code"))
    };
    found.or_else(coded).or_else(|| read::text(extension, "valueCodeableConcept.text"))
}

fn convert_update(field: &FurtherField, update: FieldUpdate<String>) -> FieldUpdate<String> {
    match update {
        FieldUpdate::Set(text) => convert(field, text.trim()).map_or(FieldUpdate::Unchanged, FieldUpdate::Set),
        other => other,
    }
}

/// Converts a text to the stored form of the field's kind. `None` if it is not of that kind.
fn convert(field: &FurtherField, text: &str) -> Option<String> {
    match field.kind {
        FurtherKind::Text | FurtherKind::Code => {
            let words = field.words.get(text).map_or(text, String::as_str);
            Some(words.chars().take(MAX_CHARS).collect()).filter(|words: &String| !words.is_empty())
        }
        FurtherKind::Date => {
            let iso = || text.get(..10)?.parse::<jiff::civil::Date>().ok();
            time::parse_date(text).or_else(iso).map(|date| date.to_string())
        }
        FurtherKind::Number => {
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
            let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            (text.len() <= 30 && is_digits(whole) && is_digits(fraction)).then(|| text.to_owned())
        }
        FurtherKind::YesNo => match text.to_ascii_lowercase().as_str() {
            "y" | "yes" | "true" => Some("yes".to_owned()),
            "n" | "no" | "false" => Some("no".to_owned()),
            _ => None,
        },
    }
}

#[cfg(test)]
#[path = "profile_fields_tests.rs"]
mod tests;
