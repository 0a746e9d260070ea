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
    let instruction = if kind == Kind::MedicationRequest { "dosageInstruction.0" } else { "dosage.0" };
    let dosage = read::at(value, instruction);
    let dose = dosage
        .and_then(|dosage| read::text(dosage, "text").or_else(|| structured_dose(dosage)))
        .map(|text| in_full(&text));
    let route = dosage.and_then(|dosage| read::concept_at(dosage, "route"));
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

fn structured_dose(dosage: &Value) -> Option<String> {
    let (amount, unit) = read::quantity(read::at(dosage, "doseAndRate.0.doseQuantity")?)?;
    let each = unit.map_or(amount.clone(), |unit| format!("{amount} {unit}"));
    let times = read::at(dosage, "timing.repeat.frequency").and_then(read::number);
    let period = read::at(dosage, "timing.repeat.period").and_then(read::number);
    Some(match (times, period.as_deref(), read::str_at(dosage, "timing.repeat.periodUnit")) {
        (Some(times), Some("1"), Some("d")) => format!("{each}, {times} times a day"),
        _ => each,
    })
}

/// "micrograms" and "units" in full: abbreviations have killed.
fn in_full(text: &str) -> String {
    let words = text.split(' ').map(|word| match word {
        "mcg" | "ug" | "µg" | "μg" => "micrograms",
        "IU" | "iu" | "[iU]" | "U" => "units",
        other => other,
    });
    words.collect::<Vec<_>>().join(" ")
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
    fn dangerous_abbreviations_are_written_in_full() {
        assert_eq!(in_full("100 mcg daily"), "100 micrograms daily");
        assert_eq!(in_full("10 IU at night"), "10 units at night");
    }
}
