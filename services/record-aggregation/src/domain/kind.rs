//! The FHIR types we ask for, and the datasets they make up. A type not named here is never asked for.

use lcr_fhir::{Item, read};
use lcr_model::Dataset;

macro_rules! kinds {
    ($($name:ident),+) => {
        /// A FHIR type we read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($name),+ }
        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$name),+];
            /// The resource type's name.
            pub fn fhir(self) -> &'static str {
                match self { $(Kind::$name => stringify!($name)),+ }
            }
        }
    };
}

kinds!(
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
    Flag
);

impl Kind {
    pub fn named(fhir: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.fhir() == fhir)
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

    pub fn serves(self, dataset: Dataset) -> bool {
        self.datasets().contains(&dataset)
    }
}

/// The dataset of one item: plans and flags say it by their category.
pub fn dataset_of(kind: Kind, item: &Item) -> Dataset {
    let says = |code: &str| read::has_code(item.value(), "category", code);
    match kind {
        Kind::CarePlan if says("social-care") => Dataset::SocialCare,
        Kind::CarePlan if says("end-of-life") => Dataset::EndOfLife,
        Kind::CarePlan => Dataset::CarePlans,
        Kind::Flag if says("safeguarding") => Dataset::Safeguarding,
        Kind::Flag => Dataset::Alerts,
        other => other.datasets().first().copied().unwrap_or(Dataset::Demographics),
    }
}
