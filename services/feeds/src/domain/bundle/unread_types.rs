//! Finds the resource types in a Bundle that are not read and reports them to the sender. Must never repeat a type that
//! FHIR does not define, because a sender may write anything there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{entries, references};
use crate::domain::MappingError;

/// Types without clinical content. They need no report.
const NON_CLINICAL: [&str; 14] = [
    "Account",
    "AuditEvent",
    "CapabilityStatement",
    "Coverage",
    "Endpoint",
    "MessageHeader",
    "OperationOutcome",
    "Parameters",
    "Person",
    "Provenance",
    "RelatedPerson",
    "Schedule",
    "Slot",
    "Subscription",
];

/// Types with clinical content.
const CLINICAL: [&str; 41] = [
    "AdverseEvent",
    "AllergyIntolerance",
    "AppointmentResponse",
    "BodyStructure",
    "Bundle",
    "ClinicalImpression",
    "Communication",
    "CommunicationRequest",
    "Composition",
    "Condition",
    "Consent",
    "DetectedIssue",
    "DeviceRequest",
    "DeviceUseStatement",
    "DocumentManifest",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "Group",
    "ImagingStudy",
    "Immunization",
    "ImmunizationEvaluation",
    "ImmunizationRecommendation",
    "List",
    "Media",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "MolecularSequence",
    "NutritionOrder",
    "Procedure",
    "QuestionnaireResponse",
    "RequestGroup",
    "ResearchSubject",
    "RiskAssessment",
    "SupplyDelivery",
    "SupplyRequest",
    "Task",
    "VisionPrescription",
    "Basic",
];

pub fn is_non_clinical(kind: &str) -> bool {
    NON_CLINICAL.contains(&kind) || references::REFERENCED_TYPES.contains(&kind)
}

pub fn is_known(kind: &str) -> bool {
    is_non_clinical(kind) || CLINICAL.contains(&kind)
}

/// The clinical types that are not read. A Task is read only with an Encounter, because it belongs to a stay's plan; a Group
/// only if it lists people.
pub fn unread_types(bundle: &Value) -> BTreeSet<&'static str> {
    let has_stay = entries::resources(bundle).any(|(.., kind)| kind == "Encounter");
    let left = entries::resources(bundle).filter(|(.., resource, kind)| match *kind {
        "Task" => !has_stay,
        kind => !entries::is_about_somebody(resource, kind) && !is_non_clinical(kind),
    });
    let left = left.map(|(.., kind)| kind);
    let name = |kind: &str| CLINICAL.iter().copied().find(|known| *known == kind).unwrap_or("other types");
    left.map(name).collect()
}

fn list(types: &BTreeSet<&str>) -> String {
    types.iter().copied().collect::<Vec<_>>().join(", ")
}

/// The message to the sender about unread types. `None` if everything was read.
pub fn summary(bundle: &Value) -> Option<String> {
    let types = unread_types(bundle);
    (!types.is_empty()).then(|| format!("left aside, since they are not read here: {}", list(&types)))
}

/// The error for a Bundle with only unread types.
pub fn only_unread_error(types: &BTreeSet<&'static str>) -> MappingError {
    let words = format!("the Bundle holds only resources that are not read yet: {}", list(types));
    MappingError::waiting(words, types.first().copied().filter(|kind| is_known(kind)).unwrap_or("Bundle"))
}
