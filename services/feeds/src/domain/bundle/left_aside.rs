//! The resources of a Bundle that are not read. Their types are named to the sender, never passed over in silence; only
//! types that FHIR knows are named, since a sender may write anything there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{entries, linked};
use crate::domain::NotMapped;

/// Types that say nothing clinical of the patient.
const SILENT: [&str; 14] = [
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

/// Types that do.
const CLINICAL: [&str; 42] = [
    "AdverseEvent",
    "AllergyIntolerance",
    "AppointmentResponse",
    "BodyStructure",
    "Bundle",
    "CareTeam",
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
    "EpisodeOfCare",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
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

pub fn is_silent(kind: &str) -> bool {
    SILENT.contains(&kind) || linked::NAMED.contains(&kind)
}

pub fn is_known(kind: &str) -> bool {
    is_silent(kind) || CLINICAL.contains(&kind)
}

/// The types that are left aside. Tasks are of a plan, and a plan is of a stay.
pub fn types(bundle: &Value) -> BTreeSet<&'static str> {
    let has_stay = entries::all(bundle).any(|(.., kind)| kind == "Encounter");
    let left = entries::all(bundle).map(|(.., kind)| kind).filter(|kind| match *kind {
        "Task" => !has_stay,
        kind => !entries::is_read(kind) && !is_silent(kind),
    });
    let name = |kind: &str| CLINICAL.iter().copied().find(|known| *known == kind).unwrap_or("other types");
    left.map(name).collect()
}

fn list(types: &BTreeSet<&str>) -> String {
    types.iter().copied().collect::<Vec<_>>().join(", ")
}

/// What the sender of a Bundle that was read is told; `None` where all of it was.
pub fn words(bundle: &Value) -> Option<String> {
    let types = types(bundle);
    (!types.is_empty()).then(|| format!("left aside, since they are not read here: {}", list(&types)))
}

/// A Bundle that holds nothing else waits.
pub fn nothing_else(types: &BTreeSet<&'static str>) -> NotMapped {
    let words = format!("the Bundle holds only resources that are not read yet: {}", list(types));
    NotMapped::waits(words, types.first().copied().filter(|kind| is_known(kind)).unwrap_or("Bundle"))
}
