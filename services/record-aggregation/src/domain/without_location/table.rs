//! The table: what of each type may leave for a reader who may not know where the person is. A type that is not here gives
//! nothing: letters, referrals, bookings, contacts with a service and relatives each tell where somebody is. An element
//! that is not here stays here.

use super::content::Content::{
    self, Boolean, Category, Code, Coded, Date, Identity, Name, Named, Number, Parts, Period, Quantity,
    Range, Ratio, Replaced,
};
use crate::domain::kind::Kind;

/// Element by element, as FHIR R4 names it.
pub type Elements = &'static [(&'static str, Content)];

pub fn of(kind: Kind) -> Option<Elements> {
    Some(match kind {
        Kind::Patient => PATIENT,
        Kind::AllergyIntolerance => ALLERGY,
        Kind::Condition => DIAGNOSIS,
        Kind::MedicationRequest => PRESCRIPTION,
        Kind::MedicationStatement => MEDICINE,
        Kind::Observation => RESULT,
        Kind::DiagnosticReport => REPORT,
        Kind::Procedure => PROCEDURE,
        Kind::Immunization => IMMUNISATION,
        Kind::CarePlan => PLAN,
        Kind::Flag => FLAG,
        Kind::DocumentReference
        | Kind::ServiceRequest
        | Kind::Appointment
        | Kind::Encounter
        | Kind::RelatedPerson => return None,
    })
}

/// Who the person is; neither address, telephone nor practice.
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
    (
        "reaction",
        Parts(&[("substance", Named), ("manifestation", Named), ("onset", Date), ("severity", Code)]),
    ),
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

/// Neither who prescribed it, nor who supplies it, nor its instructions in words.
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

/// What a measurement is, its value, when. Neither who made it nor where.
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

/// That there is a report, of what, when. Its prose and its files stay here.
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

/// That there is a plan, of what kind, from when. Its title, its text and its activities stay here.
const PLAN: Elements =
    &[("status", Code), ("intent", Code), ("category", Category), ("created", Date), ("period", Period)];

const FLAG: Elements = &[("status", Code), ("category", Category), ("code", Coded), ("period", Period)];
