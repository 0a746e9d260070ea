//! Medicines: list type, dose, route. Units are written in full; what a medicine is aligned by is its
//! ingredient (its name up to the strength) and route. What must not be given is never a current medicine.

use lcr_contracts::record::Detail;
use lcr_fhir::{read, words};
use serde_json::Value;

use super::{Said, dosage, named, reasons, standing, words as sentence};
use crate::domain::kind::Kind;

/// The list of what a source asks not to give.
pub const DO_NOT_GIVE: &str = "do not give";

/// Intents of a request that is no prescription yet, and what their list is called.
const NOT_ORDERED: [(&str, &str); 3] =
    [("proposal", "proposed"), ("plan", "planned"), ("option", "an option")];

pub fn medicine(kind: Kind, value: &Value, source_kind: &str) -> Said {
    let name = name(value);
    let unnamed = name.as_deref().is_none_or(|name| name == NAMED_ELSEWHERE);
    let title = in_full(&named(name));
    let instructions =
        read::list(value, if kind == Kind::MedicationRequest { "dosageInstruction" } else { "dosage" });
    let dose = dosage::dosages(instructions).map(|text| in_full(&text));
    let routes = instructions.iter().filter_map(|dosage| read::concept_at(dosage, "route"));
    let mut routes: Vec<String> = routes.collect();
    routes.dedup();
    let route = (!routes.is_empty()).then(|| routes.join(", "));
    let list = list_of(value, source_kind);
    let forbidden = list == DO_NOT_GIVE;
    let says = [dose.clone(), Some(list.clone())].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let aligned_by = match read::str_at(value, "id").filter(|_| unnamed) {
        // Of two medicines without a name nobody can say that they are one.
        Some(id) => format!("not named: {id}"),
        None => aligned_by(&title, route.as_deref()),
    };
    Said {
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
            reason: reasons(value),
        },
        title: if forbidden { format!("Do not give: {title}") } else { title },
        more: end(value).map(|end| ("Until".to_owned(), end)).into_iter().collect(),
        links: links(value),
        ..Said::default()
    }
}

/// The medicine's name: coded, contained, or as the reference to it says.
fn name(value: &Value) -> Option<String> {
    read::concept_at(value, "medicationCodeableConcept")
        .or_else(|| words::reference(value, read::at(value, "medicationReference")?))
        .or_else(|| read::at(value, "medicationReference").map(|_| NAMED_ELSEWHERE.to_owned()))
}

/// Said where the source names the medicine in a record that it did not give.
const NAMED_ELSEWHERE: &str =
    "Medicine not named here: its source names it in a record that could not be read";

fn end(value: &Value) -> Option<String> {
    read::str_at(value, "effectivePeriod.end").map(lcr_fhir::date_words)
}

fn status_words(value: &Value) -> Option<String> {
    let status = match read::str_at(value, "status")? {
        _ if standing::not_taken(value) => "Not taken".to_owned(),
        status => sentence(status),
    };
    let reasons = read::list(value, "statusReason").iter().filter_map(|one| words::concept(Some(one)));
    let mut why: Vec<String> = read::concept_at(value, "statusReason").into_iter().chain(reasons).collect();
    why.dedup();
    Some(if why.is_empty() { status } else { format!("{status}: {}", why.join("; ")) })
}

fn list_of(value: &Value, source_kind: &str) -> String {
    let category = |code| read::has_code(value, "category", code);
    let course = read::known_code(value, "courseOfTherapyType", &["continuous", "acute", "seasonal"]);
    let intent = read::str_at(value, "intent").unwrap_or_default();
    let not_ordered = NOT_ORDERED.iter().find(|(known, _)| *known == intent).map(|(_, list)| *list);
    if read::at(value, "doNotPerform") == Some(&Value::Bool(true)) {
        return DO_NOT_GIVE.to_owned();
    }
    match (read::str_at(value, "status"), course) {
        _ if standing::not_taken(value) => "not taken",
        (Some("stopped" | "cancelled"), _) => "stopped",
        (Some("draft"), _) => "a draft",
        (Some("intended"), _) => "planned",
        _ if not_ordered.is_some() => not_ordered.unwrap_or_default(),
        _ if category("inpatient") => "in-patient",
        _ if category("discharge") => "to take home",
        (_, Some("continuous")) => "repeat",
        (_, Some("acute" | "seasonal")) => "acute",
        _ if source_kind == "hospital" || category("outpatient") => "hospital-only",
        _ => "listed",
    }
    .to_owned()
}

/// "micrograms" and "units" in full: abbreviations have killed.
fn in_full(text: &str) -> String {
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

/// The ingredient and the route: every ingredient of a combination, and the whole title where it begins with a number,
/// as a bare code does.
fn aligned_by(title: &str, route: Option<&str>) -> String {
    let up_to_strength = |part: &str| {
        let words =
            part.split_whitespace().take_while(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
        words.collect::<Vec<_>>().join(" ")
    };
    let parts: Vec<String> = title.split(" + ").map(up_to_strength).collect();
    let whole = parts.iter().any(String::is_empty);
    let ingredient = if whole { title.to_owned() } else { parts.join(" + ") };
    let route = route.unwrap_or("route not given").to_lowercase();
    format!("{} {}", ingredient.to_lowercase(), route.trim_end_matches(" route"))
}

fn links(value: &Value) -> Vec<(&'static str, String)> {
    let reason = read::text(value, "reasonReference.0.reference").map(|to| ("given for", to));
    let during = ["encounter.reference", "context.reference"].iter().find_map(|path| read::text(value, path));
    reason.into_iter().chain(during.map(|to| ("given during", to))).collect()
}

#[cfg(test)]
#[path = "medicines_tests.rs"]
mod tests;
