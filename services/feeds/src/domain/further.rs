//! Further fields of a hospital, as its profile names them (S-60). Each has three states: left out, deleted and told. A
//! value that is not of the kind that the profile says changes nothing.

use std::collections::BTreeMap;

use lcr_contracts::{
    FieldPlace,
    identity::{FurtherField, FurtherKind, System},
    spell::Told,
};
use lcr_fhir::read;
use lcr_hl7::{Segment, time};
use serde_json::Value;

use super::{groups::Group, value};

/// The longest value, in characters.
const LONGEST: usize = 200;

type Further = BTreeMap<String, Told<String>>;

fn fields(system: &System) -> &[FurtherField] {
    system.feed.as_ref().map_or(&[], |feed| &feed.fields)
}

/// What a group of an HL7 v2 message says of them.
pub fn of_group(system: &System, group: &Group<'_>) -> Further {
    let told = |field: &FurtherField| match field.place()? {
        FieldPlace::Segment { name, field: number, component } => {
            let told =
                group.field(name, number).first().map_or(Told::Unchanged, |one| one.told_part(component));
            Some(read_as(field, told))
        }
        FieldPlace::Observation(code) => {
            let is_it = |obx: &Segment<'_>| obx.field(3).code().as_deref() == Some(code);
            let obx = group.all("OBX").filter(is_it).last()?;
            Some(observed(field, obx))
        }
        FieldPlace::Extension(_) => None,
    };
    collect(system, told)
}

/// What a FHIR Encounter says of them: what it leaves out is as it was.
pub fn of_encounter(system: &System, encounter: &Value) -> Further {
    let told = |field: &FurtherField| {
        let Some(FieldPlace::Extension(url)) = field.place() else { return None };
        let mut all = read::list(encounter, "extension").iter();
        let one = all.find(|one| read::str_at(one, "url") == Some(url))?;
        Some(read_as(field, Told::Set(extension_text(one)?)))
    };
    collect(system, told)
}

fn collect(system: &System, told: impl Fn(&FurtherField) -> Option<Told<String>>) -> Further {
    let all = fields(system).iter().filter_map(|field| Some((field.key.clone(), told(field)?)));
    all.filter(|(_, told)| *told != Told::Unchanged).collect()
}

/// The value of an OBX; one that was withdrawn is deleted.
fn observed(field: &FurtherField, obx: Segment<'_>) -> Told<String> {
    if matches!(obx.field(11).code().as_deref(), Some("D" | "W" | "X")) {
        return Told::Deleted;
    }
    let kind = value::kind(obx);
    let told = match field.kind {
        FurtherKind::Text => obx.field(5).told(|one| value::words(&kind, one)),
        _ => obx.field(5).told_code(),
    };
    read_as(field, told)
}

fn extension_text(extension: &Value) -> Option<String> {
    let value = |name: &str| extension.get(name);
    let plain = [
        "valueString",
        "valueCode",
        "valueDate",
        "valueDateTime",
        "valueInteger",
        "valueDecimal",
        "valueBoolean",
    ];
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

fn read_as(field: &FurtherField, told: Told<String>) -> Told<String> {
    match told {
        Told::Set(text) => converted(field, text.trim()).map_or(Told::Unchanged, Told::Set),
        other => other,
    }
}

/// A value of the field's kind, as it is stored.
fn converted(field: &FurtherField, text: &str) -> Option<String> {
    match field.kind {
        FurtherKind::Text | FurtherKind::Code => {
            let words = field.words.get(text).map_or(text, String::as_str);
            Some(words.chars().take(LONGEST).collect()).filter(|words: &String| !words.is_empty())
        }
        FurtherKind::Date => {
            let iso = || text.get(..10)?.parse::<jiff::civil::Date>().ok();
            time::date(text).or_else(iso).map(|date| date.to_string())
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
mod tests {
    use lcr_hl7::Message;
    use serde_json::json;

    use super::*;
    use crate::domain::{groups::groups, testing::source};

    fn field(key: &str, kind: FurtherKind, from: &str) -> FurtherField {
        let words = BTreeMap::from([("G".to_owned(), "Green".to_owned())]);
        FurtherField { key: key.into(), label: key.into(), kind, from: from.into(), words, filter: false }
    }

    fn hospital() -> System {
        let mut system = source(&[("PAS", "Z9H01")]);
        system.feed.as_mut().unwrap().fields = vec![
            field("note", FurtherKind::Text, "ZPV-1"),
            field("flow", FurtherKind::Code, "ZPV-3.2"),
            field("review", FurtherKind::Date, "ZPV-4"),
            field("news", FurtherKind::Number, "OBX:NEWS"),
            field("dols", FurtherKind::YesNo, "extension:https://x/dols"),
        ];
        system
    }

    fn told(segments: &str) -> Vec<String> {
        let text = format!("MSH|^~\\&|PAS|Z9H01|||20261120||ADT^A08|1|P|2.4\rPID|1||4711\r{segments}");
        let message = Message::read(text.as_bytes()).unwrap();
        let further = of_group(&hospital(), &groups(&message)[0]);
        further.into_iter().map(|(key, told)| format!("{key} {told:?}")).collect()
    }

    #[test]
    fn a_field_is_left_out_deleted_or_told() {
        assert_eq!(told("ZPV|||a^G|20261127"), ["flow Set(\"Green\")", "review Set(\"2026-11-27\")"]);
        assert_eq!(
            told("ZPV|Side room||a^\"\"|\"\""),
            ["flow Deleted", "note Set(\"Side room\")", "review Deleted"]
        );
        assert_eq!(told("ZPV|||a^B"), ["flow Set(\"B\")"]);
        assert!(told("PV1|1|I").is_empty());
    }

    #[test]
    fn an_observation_is_found_by_its_code_and_the_last_counts() {
        assert_eq!(
            told("OBX|1|NM|NEWS^Score||3|||||F\rOBX|2|NM|NEWS||05.0|||||||F\rOBX|3|NM|X||9"),
            ["news Set(\"05.0\")"]
        );
        assert_eq!(told("OBX|1|NM|NEWS||3||||||D"), ["news Deleted"]);
    }

    #[test]
    fn a_value_of_another_kind_changes_nothing() {
        assert!(told("ZPV||||soon\rOBX|1|NM|NEWS||high").is_empty());
    }

    #[test]
    fn an_extension_of_an_encounter_is_read_by_its_url() {
        let encounter = json!({ "extension": [{ "url": "https://x/dols", "valueBoolean": true }] });
        let further = of_encounter(&hospital(), &encounter);
        assert_eq!(further["dols"], Told::Set("yes".to_owned()));
        assert!(of_encounter(&hospital(), &json!({})).is_empty());
    }
}
