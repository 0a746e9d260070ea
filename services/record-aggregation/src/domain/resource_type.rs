//! The FHIR resource types that we request, and the datasets they belong to. A type that is not listed here is never
//! requested.

use lcr_fhir::{Item, read};
use lcr_model::Dataset;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A FHIR resource type that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray)]
pub enum ResourceType {
    Patient,
    AllergyIntolerance,
    Condition,
    MedicationRequest,
    MedicationStatement,
    Observation,
    DiagnosticReport,
    DocumentReference,
    ServiceRequest,
    Appointment,
    Encounter,
    Procedure,
    Immunization,
    RelatedPerson,
    CarePlan,
    Flag,
}

impl ResourceType {
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Its name in FHIR.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// The datasets whose entries come from this type.
    pub fn datasets(self) -> &'static [Dataset] {
        match self {
            Self::Patient => &[Dataset::Demographics],
            Self::AllergyIntolerance => &[Dataset::Allergies],
            Self::Condition => &[Dataset::Diagnoses],
            Self::MedicationRequest | Self::MedicationStatement => &[Dataset::Medications],
            Self::Observation | Self::DiagnosticReport => &[Dataset::Results],
            Self::DocumentReference => &[Dataset::Documents],
            Self::ServiceRequest => &[Dataset::Referrals],
            Self::Appointment => &[Dataset::Appointments],
            Self::Encounter => &[Dataset::Encounters],
            Self::Procedure => &[Dataset::Procedures],
            Self::Immunization => &[Dataset::Immunisations],
            Self::RelatedPerson => &[Dataset::Contacts],
            Self::CarePlan => &[Dataset::SocialCare, Dataset::CarePlans, Dataset::EndOfLife],
            Self::Flag => &[Dataset::Safeguarding, Dataset::Alerts],
        }
    }

    /// Whether entries of the dataset can come from this type.
    pub fn has_dataset(self, dataset: Dataset) -> bool {
        self.datasets().contains(&dataset)
    }
}

/// The types from which entries of a dataset can come, in the order of `ResourceType::ALL`: the reverse of
/// `ResourceType::datasets`.
pub fn types_of(dataset: Dataset) -> &'static [ResourceType] {
    match dataset {
        Dataset::Demographics => &[ResourceType::Patient],
        Dataset::Allergies => &[ResourceType::AllergyIntolerance],
        Dataset::Diagnoses => &[ResourceType::Condition],
        Dataset::Medications => &[ResourceType::MedicationRequest, ResourceType::MedicationStatement],
        Dataset::Results => &[ResourceType::Observation, ResourceType::DiagnosticReport],
        Dataset::Documents => &[ResourceType::DocumentReference],
        Dataset::Referrals => &[ResourceType::ServiceRequest],
        Dataset::Appointments => &[ResourceType::Appointment],
        Dataset::Encounters => &[ResourceType::Encounter],
        Dataset::Procedures => &[ResourceType::Procedure],
        Dataset::Immunisations => &[ResourceType::Immunization],
        Dataset::Contacts => &[ResourceType::RelatedPerson],
        Dataset::SocialCare | Dataset::CarePlans | Dataset::EndOfLife => &[ResourceType::CarePlan],
        Dataset::Safeguarding | Dataset::Alerts => &[ResourceType::Flag],
    }
}

/// The dataset of one item. The category decides it for care plans and flags.
pub fn dataset_of(resource_type: ResourceType, item: &Item) -> Dataset {
    let has_category = |code: &str| read::has_code(item.value(), "category", code);
    match resource_type {
        ResourceType::CarePlan if has_category("social-care") => Dataset::SocialCare,
        ResourceType::CarePlan if has_category("end-of-life") => Dataset::EndOfLife,
        ResourceType::CarePlan => Dataset::CarePlans,
        ResourceType::Flag if has_category("safeguarding") => Dataset::Safeguarding,
        ResourceType::Flag => Dataset::Alerts,
        other => other.datasets().first().copied().unwrap_or(Dataset::Demographics),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_of_a_dataset_are_those_that_name_it() {
        for dataset in Dataset::ALL {
            let named: Vec<ResourceType> =
                ResourceType::ALL.iter().copied().filter(|one| one.has_dataset(*dataset)).collect();
            assert_eq!(types_of(*dataset), named, "{dataset}");
        }
    }
}
