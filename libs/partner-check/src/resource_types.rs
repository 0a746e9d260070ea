//! The FHIR types of each dataset. `services/record-aggregation/src/domain/resource_type.rs` decides what is read; this table must
//! agree with it.

use lcr_model::Dataset;

pub fn of(dataset: Dataset) -> &'static [&'static str] {
    match dataset {
        Dataset::Demographics => &["Patient"],
        Dataset::Alerts | Dataset::Safeguarding => &["Flag"],
        Dataset::Allergies => &["AllergyIntolerance"],
        Dataset::Medications => &["MedicationRequest", "MedicationStatement"],
        Dataset::Diagnoses => &["Condition"],
        Dataset::Results => &["Observation", "DiagnosticReport"],
        Dataset::Documents => &["DocumentReference"],
        Dataset::Encounters => &["Encounter"],
        Dataset::Referrals => &["ServiceRequest"],
        Dataset::Appointments => &["Appointment"],
        Dataset::Procedures => &["Procedure"],
        Dataset::Immunisations => &["Immunization"],
        Dataset::Contacts => &["RelatedPerson"],
        Dataset::SocialCare | Dataset::CarePlans | Dataset::EndOfLife => &["CarePlan"],
    }
}
