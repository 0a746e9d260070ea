//! The elements that UK Core (FHIR R4, 2025) requires or expects of each type. A text names elements and counts, never a value.

use lcr_fhir::Item;

/// The elements of one type. An element with several types is named without its type: `effective` is `effectiveDateTime` too.
struct Elements {
    resource_type: &'static str,
    /// Each resource must have them.
    required: &'static [&'static str],
    /// A source must be able to send them: if no resource has one, the partner should look why.
    expected: &'static [&'static str],
}

const fn row(
    resource_type: &'static str,
    required: &'static [&'static str],
    expected: &'static [&'static str],
) -> Elements {
    Elements { resource_type, required, expected }
}

const TABLE: [Elements; 16] = [
    row("Patient", &["identifier", "name"], &["gender", "birthDate", "address"]),
    row("AllergyIntolerance", &["code", "patient"], &["clinicalStatus", "verificationStatus"]),
    row("Condition", &["code", "subject"], &["clinicalStatus", "verificationStatus"]),
    row(
        "MedicationRequest",
        &["status", "intent", "medication", "subject"],
        &["identifier", "authoredOn", "dosageInstruction"],
    ),
    row(
        "MedicationStatement",
        &["status", "medication", "subject"],
        &["identifier", "effective", "dateAsserted", "dosage"],
    ),
    row("Observation", &["status", "code", "subject"], &["category", "effective"]),
    row("DiagnosticReport", &["status", "code", "subject"], &["category", "effective", "issued"]),
    row("DocumentReference", &["status", "content", "subject"], &["identifier", "type", "date", "author"]),
    row("ServiceRequest", &["status", "intent", "subject"], &["code", "authoredOn", "requester"]),
    row("Appointment", &["status", "participant"], &["start"]),
    row("Encounter", &["status", "class", "subject"], &["identifier", "period"]),
    row("Procedure", &["status", "code", "subject"], &["performed"]),
    row("Immunization", &["status", "vaccineCode", "patient"], &["occurrence"]),
    row("RelatedPerson", &["patient"], &["name", "relationship"]),
    row("CarePlan", &["status", "intent", "subject"], &["category"]),
    row("Flag", &["status", "code", "subject"], &["category"]),
];

/// What resources of one type lack, as sentences.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lacks {
    pub required: Vec<String>,
    pub expected: Vec<String>,
}

pub fn lacks(resource_type: &str, items: &[Item]) -> Lacks {
    let Some(elements) = TABLE.iter().find(|row| row.resource_type == resource_type) else { return Lacks::default() };
    let all = items.len();
    let counted = elements.required.iter().map(|element| (*element, count_without(items, element)));
    let required = counted.filter(|(_, many)| *many > 0);
    let expected = elements.expected.iter().filter(|element| all > 0 && count_without(items, element) == all);
    Lacks {
        required: required.map(|(name, many)| format!("{many} of {all} {resource_type} have no {name}.")).collect(),
        expected: expected.map(|name| format!("No {resource_type} of {all} has {name}.")).collect(),
    }
}

fn count_without(items: &[Item], element: &str) -> usize {
    items.iter().filter(|item| !has(item, element)).count()
}

fn has(item: &Item, element: &str) -> bool {
    let Some(fields) = item.value().as_object() else { return false };
    fields.keys().any(|key| {
        let rest = key.strip_prefix(element);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_uppercase()))
    })
}

#[cfg(test)]
#[path = "must_have_tests.rs"]
mod tests;
