//! Reads medications: their list, dose and route. It aligns them by ingredient and route. A medication that must not be
//! given is never a current one.

use lcr_contracts::{record::Detail, vocabulary::SystemKind};
use lcr_fhir::{display, read};
use serde_json::Value;

use super::{
    EntryContent, dosage, status,
    text::{reasons_text, sentence_case, title_or_default},
};
use crate::domain::resource_type::ResourceType;

/// The list of medications that a source asks not to give.
pub const DO_NOT_GIVE: &str = "do not give";

/// Intents of a request that is not yet a prescription, and the names of their lists.
const NOT_ORDERED: [(&str, &str); 3] = [("proposal", "proposed"), ("plan", "planned"), ("option", "an option")];

pub fn read_medication(resource_type: ResourceType, value: &Value, source_kind: &SystemKind) -> EntryContent {
    let name = medication_name(value);
    let unnamed = name.as_deref().is_none_or(|name| name == NAME_NOT_READABLE);
    let title = expand_units(&title_or_default(name));
    let instructions = read::list(
        value,
        if resource_type == ResourceType::MedicationRequest { "dosageInstruction" } else { "dosage" },
    );
    let dose = dosage::dosage_text(instructions).map(|text| expand_units(&text));
    let routes = instructions.iter().filter_map(|dosage| read::concept_at(dosage, "route"));
    let mut routes: Vec<String> = routes.collect();
    routes.dedup();
    let route = (!routes.is_empty()).then(|| routes.join(", "));
    let list = list_name(value, source_kind);
    let forbidden = list == DO_NOT_GIVE;
    let says = [dose.clone(), Some(list.clone())].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let aligned_by = match read::str_at(value, "id").filter(|_| unnamed) {
        // Two medications without a name may be different ones, so they are never aligned.
        Some(id) => format!("not named: {id}"),
        None => alignment_key(&title, route.as_deref()),
    };
    EntryContent {
        date: ["authoredOn", "effectiveDateTime", "effectivePeriod.start", "dateAsserted"]
            .iter()
            .find_map(|path| read::text(value, path)),
        status: status_words(value),
        says: Some(says),
        detail: Detail::Medication {
            aligned_by: if forbidden { format!("{DO_NOT_GIVE} {aligned_by}") } else { aligned_by },
            list,
            dose,
            route,
            form: None,
            reason: reasons_text(value),
        },
        title: if forbidden { format!("Do not give: {title}") } else { title },
        more: end_date(value).map(|end| ("Until".to_owned(), end)).into_iter().collect(),
        links: links(value),
        ..EntryContent::default()
    }
}

/// The medication's name: coded, contained, or from the reference.
fn medication_name(value: &Value) -> Option<String> {
    read::concept_at(value, "medicationCodeableConcept")
        .or_else(|| display::reference(value, read::at(value, "medicationReference")?))
        .or_else(|| read::at(value, "medicationReference").map(|_| NAME_NOT_READABLE.to_owned()))
}

/// Shown if the name is only in a resource that the source did not send.
const NAME_NOT_READABLE: &str = "Medicine not named here: its source names it in a record that could not be read";

fn end_date(value: &Value) -> Option<String> {
    read::str_at(value, "effectivePeriod.end").map(lcr_fhir::format_date)
}

fn status_words(value: &Value) -> Option<String> {
    let status = match read::str_at(value, "status")? {
        _ if status::is_not_taken(value) => "Not taken".to_owned(),
        status => sentence_case(status),
    };
    let reasons = read::list(value, "statusReason").iter().filter_map(|one| display::concept(Some(one)));
    let mut why: Vec<String> = read::concept_at(value, "statusReason").into_iter().chain(reasons).collect();
    why.dedup();
    Some(if why.is_empty() { status } else { format!("{status}: {}", why.join("; ")) })
}

fn list_name(value: &Value, source_kind: &SystemKind) -> String {
    let category = |code| read::has_code(value, "category", code);
    let course = read::known_code(value, "courseOfTherapyType", &["continuous", "acute", "seasonal"]);
    let intent = read::str_at(value, "intent").unwrap_or_default();
    let not_ordered = NOT_ORDERED.iter().find(|(known, _)| *known == intent).map(|(_, list)| *list);
    if read::at(value, "doNotPerform") == Some(&Value::Bool(true)) {
        return DO_NOT_GIVE.to_owned();
    }
    match (read::str_at(value, "status"), course) {
        _ if status::is_not_taken(value) => "not taken",
        (Some("stopped" | "cancelled"), _) => "stopped",
        (Some("draft"), _) => "a draft",
        (Some("intended"), _) => "planned",
        _ if not_ordered.is_some() => not_ordered.unwrap_or_default(),
        _ if category("inpatient") => "in-patient",
        _ if category("discharge") => "to take home",
        (_, Some("continuous")) => "repeat",
        (_, Some("acute" | "seasonal")) => "acute",
        _ if *source_kind == SystemKind::Hospital || category("outpatient") => "hospital-only",
        _ => "listed",
    }
    .to_owned()
}

/// Writes "micrograms" and "units" in full, because abbreviations have caused fatal errors.
fn expand_units(text: &str) -> String {
    let full = |unit: &str| match unit {
        "mcg" | "ug" | "µg" | "μg" => Some("micrograms"),
        "IU" | "iu" | "[iU]" | "[IU]" | "U" => Some("units"),
        _ => None,
    };
    let word = |word: &str| {
        let at = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let (number, unit) = word.split_at(at);
        let (unit, mark) = unit.split_at(unit.trim_end_matches([',', ';', '.']).len());
        match (full(unit), number.is_empty()) {
            (Some(unit), true) => format!("{unit}{mark}"),
            (Some(unit), false) => format!("{number} {unit}{mark}"),
            (None, _) => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The ingredients and the route. A title that begins with a number, such as a bare code, is used whole.
fn alignment_key(title: &str, route: Option<&str>) -> String {
    let up_to_strength = |part: &str| {
        let words = part.split_whitespace().take_while(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
        words.collect::<Vec<_>>().join(" ")
    };
    let parts: Vec<String> = title.split(" + ").map(up_to_strength).collect();
    let use_title = parts.iter().any(String::is_empty);
    let ingredient = if use_title { title.to_owned() } else { parts.join(" + ") };
    let route = route.unwrap_or("route not given").to_lowercase();
    format!("{} {}", ingredient.to_lowercase(), route.trim_end_matches(" route"))
}

fn links(value: &Value) -> Vec<(&'static str, String)> {
    let reason = read::text(value, "reasonReference.0.reference").map(|to| ("given for", to));
    let during = ["encounter.reference", "context.reference"].iter().find_map(|path| read::text(value, path));
    reason.into_iter().chain(during.map(|to| ("given during", to))).collect()
}

#[cfg(test)]
#[path = "medications_tests.rs"]
mod tests;
