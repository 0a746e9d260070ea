//! Medicines: list type, dose, route. Units are written in full; what a medicine is aligned by is its
//! ingredient (its name up to the strength) and route.

use lcr_contracts::record::Detail;
use lcr_fhir::read;
use serde_json::Value;

use super::{Said, named, words};
use crate::domain::kind::Kind;

pub fn medicine(kind: Kind, value: &Value, source_kind: &str) -> Said {
    let title = in_full(&named(
        read::concept_at(value, "medicationCodeableConcept")
            .or_else(|| read::reference_words(value, "medicationReference")),
    ));
    let instructions =
        read::list(value, if kind == Kind::MedicationRequest { "dosageInstruction" } else { "dosage" });
    let doses: Vec<String> = instructions.iter().filter_map(one_dose).map(|text| in_full(&text)).collect();
    let dose = (!doses.is_empty()).then(|| doses.join("; "));
    let route = instructions.iter().find_map(|dosage| read::concept_at(dosage, "route"));
    let status = status_words(value);
    let list = list_of(value, source_kind);
    let reason = read::concept_at(value, "reasonCode.0");
    let says = [dose.clone(), Some(list.clone())].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Said {
        date: ["authoredOn", "effectiveDateTime", "effectivePeriod.start", "dateAsserted"]
            .iter()
            .find_map(|path| read::text(value, path)),
        status,
        says: Some(says),
        detail: Detail::Medication {
            aligned_by: aligned_by(&title, route.as_deref()),
            list,
            dose,
            route,
            form: None,
            reason,
        },
        title,
        links: links(value),
    }
}

fn status_words(value: &Value) -> Option<String> {
    let status = words(read::str_at(value, "status")?);
    let why = read::concept_at(value, "statusReason").or_else(|| read::concept_at(value, "statusReason.0"));
    Some(why.map_or(status.clone(), |why| format!("{status}: {why}")))
}

fn list_of(value: &Value, source_kind: &str) -> String {
    let category = |code| read::has_code(value, "category", code);
    let course = read::code_at(value, "courseOfTherapyType");
    match (read::str_at(value, "status"), course) {
        (Some("stopped" | "cancelled"), _) => "stopped",
        _ if category("inpatient") => "in-patient",
        _ if category("discharge") => "to take home",
        (_, Some("continuous")) => "repeat",
        (_, Some("acute")) => "acute",
        _ if source_kind == "hospital" || category("outpatient") => "hospital-only",
        _ => "listed",
    }
    .to_owned()
}

/// One instruction: the source's own words, else its structure. What of it cannot be written is said.
fn one_dose(dosage: &Value) -> Option<String> {
    read::text(dosage, "text").or_else(|| structured_dose(dosage))
}

fn structured_dose(dosage: &Value) -> Option<String> {
    let Some((amount, unit)) = read::at(dosage, "doseAndRate.0.doseQuantity").and_then(read::quantity) else {
        let says_more = read::at(dosage, "doseAndRate").is_some() || read::at(dosage, "timing").is_some();
        return says_more.then(|| "dose not shown here: see the source".to_owned());
    };
    let each = unit.map_or(amount.clone(), |unit| format!("{amount} {unit}"));
    let repeat = |field: &str| read::at(dosage, &format!("timing.repeat.{field}")).and_then(read::number);
    let unit = match read::str_at(dosage, "timing.repeat.periodUnit") {
        Some("h") => Some("hours"),
        Some("d") => Some("days"),
        Some("wk") => Some("weeks"),
        Some("mo") => Some("months"),
        _ => None,
    };
    let times = match (repeat("frequency"), repeat("period"), unit) {
        (Some(times), Some(period), Some("days")) if period == "1" => format!(", {times} times a day"),
        (Some(times), Some(period), Some(unit)) => format!(", {times} times every {period} {unit}"),
        (None, None, None) if read::at(dosage, "timing").is_none() => String::new(),
        _ => ", timing: see the source".to_owned(),
    };
    let as_needed = read::at(dosage, "asNeededBoolean") == Some(&Value::Bool(true))
        || read::at(dosage, "asNeededCodeableConcept").is_some();
    Some(format!("{each}{times}{}", if as_needed { ", as needed" } else { "" }))
}

/// "micrograms" and "units" in full: abbreviations have killed.
fn in_full(text: &str) -> String {
    let full = |unit: &str| match unit {
        "mcg" | "ug" | "µg" | "μg" => Some("micrograms"),
        "IU" | "iu" | "[iU]" | "U" => Some("units"),
        _ => None,
    };
    let word = |word: &str| {
        let at = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let (number, unit) = word.split_at(at);
        match (full(unit), number.is_empty()) {
            (Some(unit), true) => unit.to_owned(),
            (Some(unit), false) => format!("{number} {unit}"),
            (None, _) => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn aligned_by(title: &str, route: Option<&str>) -> String {
    let ingredient: Vec<&str> =
        title.split_whitespace().take_while(|word| !word.starts_with(|c: char| c.is_ascii_digit())).collect();
    let route = route.unwrap_or("route not given").to_lowercase();
    format!("{} {}", ingredient.join(" ").to_lowercase(), route.trim_end_matches(" route"))
}

fn links(value: &Value) -> Vec<(&'static str, String)> {
    let reason = read::text(value, "reasonReference.0.reference").map(|to| ("given for", to));
    let during = ["encounter.reference", "context.reference"].iter().find_map(|path| read::text(value, path));
    reason.into_iter().chain(during.map(|to| ("given during", to))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medicines_align_by_ingredient_and_route() {
        assert_eq!(aligned_by("Bisoprolol 2.5 mg tablets", Some("Oral route")), "bisoprolol oral");
        assert_eq!(aligned_by("Bisoprolol 5 mg tablets", Some("Oral")), "bisoprolol oral");
        assert_eq!(aligned_by("Insulin glargine 100 units/ml", None), "insulin glargine route not given");
    }

    #[test]
    fn every_instruction_is_told_and_what_cannot_be_is_said() {
        let two = serde_json::json!({ "status": "active", "medicationCodeableConcept": { "text": "Prednisolone" },
            "dosageInstruction": [{ "text": "10 mg in the morning" }, { "text": "5 mg at night" }] });
        let said = medicine(Kind::MedicationRequest, &two, "gp");
        assert_eq!(said.says.as_deref(), Some("10 mg in the morning; 5 mg at night, listed"));
        let weekly = serde_json::json!({ "timing": { "repeat": { "frequency": 1, "period": 1, "periodUnit": "wk" } },
            "doseAndRate": [{ "doseQuantity": { "value": 10, "unit": "mg" } }] });
        assert_eq!(one_dose(&weekly).as_deref(), Some("10 mg, 1 times every 1 weeks"));
    }

    #[test]
    fn dangerous_abbreviations_are_written_in_full() {
        assert_eq!(in_full("100 mcg daily"), "100 micrograms daily");
        assert_eq!(in_full("10 IU at night"), "10 units at night");
        assert_eq!(in_full("100mcg and 10U"), "100 micrograms and 10 units");
    }
}
