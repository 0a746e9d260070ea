//! The elements of each type that a reader may see who may not know the location. Types and elements that are missing
//! here are never shown: letters, referrals, appointments, encounters and relatives all reveal where a person is.

use super::content::Content::{
    self, Boolean, Category, Code, Coded, Date, Identity, Name, Named, Number, Parts, Period, Quantity, Range, Ratio,
    Replaced,
};
use crate::domain::resource_type::ResourceType;

/// Elements by their FHIR R4 name.
pub type Elements = &'static [(&'static str, Content)];

pub fn elements_for(resource_type: ResourceType) -> Option<Elements> {
    Some(match resource_type {
        ResourceType::Patient => PATIENT,
        ResourceType::AllergyIntolerance => ALLERGY,
        ResourceType::Condition => DIAGNOSIS,
        ResourceType::MedicationRequest => PRESCRIPTION,
        ResourceType::MedicationStatement => MEDICINE,
        ResourceType::Observation => RESULT,
        ResourceType::DiagnosticReport => REPORT,
        ResourceType::Procedure => PROCEDURE,
        ResourceType::Immunization => IMMUNISATION,
        ResourceType::CarePlan => PLAN,
        ResourceType::Flag => FLAG,
        ResourceType::DocumentReference
        | ResourceType::ServiceRequest
        | ResourceType::Appointment
        | ResourceType::Encounter
        | ResourceType::RelatedPerson => return None,
    })
}

/// The identity of the person, without address, telephone number or practice.
const PATIENT: Elements = &[
    ("active", Boolean),
    ("identifier", Identity),
    ("name", Name),
    ("gender", Code),
    ("birthDate", Date),
    ("deceasedBoolean", Boolean),
    ("deceasedDateTime", Date),
];

const ALLERGY: Elements = &[
    ("clinicalStatus", Coded),
    ("verificationStatus", Coded),
    ("type", Code),
    ("category", Code),
    ("criticality", Code),
    ("code", Named),
    ("onsetDateTime", Date),
    ("onsetPeriod", Period),
    ("recordedDate", Date),
    ("lastOccurrence", Date),
    ("reaction", Parts(&[("substance", Named), ("manifestation", Named), ("onset", Date), ("severity", Code)])),
];

const DIAGNOSIS: Elements = &[
    ("clinicalStatus", Coded),
    ("verificationStatus", Coded),
    ("category", Category),
    ("severity", Coded),
    ("code", Coded),
    ("bodySite", Coded),
    ("onsetDateTime", Date),
    ("onsetPeriod", Period),
    ("abatementDateTime", Date),
    ("abatementPeriod", Period),
    ("abatementBoolean", Boolean),
    ("recordedDate", Date),
];

/// A prescription without its prescriber, its supplier and its instructions in words.
const PRESCRIPTION: Elements = &[
    ("status", Code),
    ("intent", Code),
    ("doNotPerform", Boolean),
    ("medicationCodeableConcept", Named),
    ("medicationReference", Replaced("medicationCodeableConcept")),
    ("authoredOn", Date),
    ("courseOfTherapyType", Coded),
    ("dosageInstruction", DOSAGE),
];

const MEDICINE: Elements = &[
    ("status", Code),
    ("medicationCodeableConcept", Named),
    ("medicationReference", Replaced("medicationCodeableConcept")),
    ("effectiveDateTime", Date),
    ("effectivePeriod", Period),
    ("dateAsserted", Date),
    ("dosage", DOSAGE),
];

const DOSAGE: Content = Parts(&[
    ("text", Replaced("text")),
    ("asNeededBoolean", Boolean),
    ("route", Named),
    ("site", Coded),
    ("doseAndRate", Parts(&[("doseQuantity", Quantity), ("doseRange", Range), ("rateQuantity", Quantity)])),
    ("maxDosePerPeriod", Ratio),
    (
        "timing",
        Parts(&[(
            "repeat",
            Parts(&[
                ("boundsPeriod", Period),
                ("count", Number),
                ("duration", Number),
                ("durationUnit", Code),
                ("frequency", Number),
                ("frequencyMax", Number),
                ("period", Number),
                ("periodMax", Number),
                ("periodUnit", Code),
                ("when", Code),
            ]),
        )]),
    ),
]);

/// A result with its value and time, without its performer and place.
const RESULT: Elements = &[
    ("status", Code),
    ("category", Category),
    ("code", Coded),
    ("effectiveDateTime", Date),
    ("effectiveInstant", Date),
    ("effectivePeriod", Period),
    ("issued", Date),
    ("valueQuantity", Quantity),
    ("valueCodeableConcept", Coded),
    ("valueString", Replaced("valueString")),
    ("valueBoolean", Boolean),
    ("valueInteger", Number),
    ("valueRange", Range),
    ("valueRatio", Ratio),
    ("valueDateTime", Date),
    ("valuePeriod", Period),
    ("dataAbsentReason", Coded),
    ("interpretation", Coded),
    ("referenceRange", RANGE_OF_NORMAL),
    (
        "component",
        Parts(&[
            ("code", Coded),
            ("valueQuantity", Quantity),
            ("valueCodeableConcept", Coded),
            ("valueString", Replaced("valueString")),
            ("valueBoolean", Boolean),
            ("valueInteger", Number),
            ("valueRange", Range),
            ("valueRatio", Ratio),
            ("dataAbsentReason", Coded),
            ("interpretation", Coded),
            ("referenceRange", RANGE_OF_NORMAL),
        ]),
    ),
];

const RANGE_OF_NORMAL: Content = Parts(&[("low", Quantity), ("high", Quantity), ("text", Replaced("text"))]);

/// The kind and time of a report, without its text and its files.
const REPORT: Elements = &[
    ("status", Code),
    ("category", Category),
    ("code", Coded),
    ("effectiveDateTime", Date),
    ("effectivePeriod", Period),
    ("issued", Date),
    ("conclusionCode", Coded),
];

const PROCEDURE: Elements = &[
    ("status", Code),
    ("category", Category),
    ("code", Coded),
    ("bodySite", Coded),
    ("performedDateTime", Date),
    ("performedPeriod", Period),
];

const IMMUNISATION: Elements = &[
    ("status", Code),
    ("statusReason", Coded),
    ("vaccineCode", Coded),
    ("occurrenceDateTime", Date),
    ("occurrenceString", Replaced("occurrenceString")),
    ("isSubpotent", Boolean),
    ("protocolApplied", Parts(&[("doseNumberPositiveInt", Number)])),
];

/// The kind and time of a plan, without its title, its text and its activities.
const PLAN: Elements =
    &[("status", Code), ("intent", Code), ("category", Category), ("created", Date), ("period", Period)];

const FLAG: Elements = &[("status", Code), ("category", Category), ("code", Coded), ("period", Period)];
