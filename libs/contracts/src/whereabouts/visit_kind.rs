//! The kind of a visit, by the patient class that a source sent. A class that is not known must never become a bed.

use crate::ward::ListCategory;

/// The kind of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VisitKind {
    InPatient,
    DayCase,
    HospitalAtHome,
    CommunityBed,
    Emergency,
    RegularAttender,
    OutPatient,
    /// Pre-admitted or on a waiting list.
    Expected,
}

/// Codes of HL7 v2 table 0004, of FHIR's `ActEncounterCode` and of the NHS patient classification, and the words that
/// hospitals and our pages write instead.
pub(super) const CLASSES: [(VisitKind, &[&str]); 8] = [
    (
        VisitKind::InPatient,
        &[
            "I",
            "IP",
            // NHS: ordinary admission, and mother and baby in delivery facilities.
            "1",
            "5",
            "B",
            "IMP",
            "ACUTE",
            "NONAC",
            "OBSENC",
            "OBSERVATION ENCOUNTER",
            "INPATIENT",
            "INPATIENT ENCOUNTER",
            "INPATIENT ACUTE",
            "INPATIENT NON-ACUTE",
            "IN-PATIENT",
            "IN PATIENT",
            "ORDINARY ADMISSION",
            "EMERGENCY ADMISSION",
            "ELECTIVE ADMISSION",
            "MATERNITY",
            "OBSTETRICS",
        ],
    ),
    (
        VisitKind::DayCase,
        &[
            "SS",
            // NHS: day case.
            "2",
            "D",
            "DC",
            "DAY",
            "DAY CASE",
            "DAYCASE",
            "DAY-CASE",
            "DAY CASE ADMISSION",
            "DAY PATIENT",
            "SHORT STAY",
        ],
    ),
    (VisitKind::HospitalAtHome, &["HH", "HAH", "HOSPITAL AT HOME", "VIRTUAL WARD"]),
    (VisitKind::CommunityBed, &["CB", "COMMUNITY", "COMMUNITY BED", "COMMUNITY HOSPITAL", "INTERMEDIATE CARE"]),
    (VisitKind::Emergency, &["E", "EMER", "ED", "A&E", "EMERGENCY", "EMERGENCY DEPARTMENT"]),
    (
        VisitKind::RegularAttender,
        &[
            // NHS: regular day and night attenders.
            "3",
            "4",
            "R",
            "RECURRING",
            "REGULAR DAY ATTENDER",
            "REGULAR DAY ADMISSION",
            "REGULAR NIGHT ADMISSION",
            "REGULAR ATTENDER",
            "WARD ATTENDER",
        ],
    ),
    (
        VisitKind::OutPatient,
        &[
            "O",
            "OP",
            "AMB",
            "AMBULATORY",
            "OUTPATIENT",
            "OUT-PATIENT",
            "OUT PATIENT",
            "VR",
            "VIRTUAL",
            "TELEPHONE OR VIDEO",
            "FLD",
            "FIELD",
            "HOME VISIT",
            "HOME HEALTH",
            "C",
            "APPOINTMENT",
        ],
    ),
    (VisitKind::Expected, &["P", "PRENC", "PREADMIT", "PRE-ADMISSION", "W", "WAITING LIST", "EXPECTED"]),
];

/// Words within a hospital's own text for a class that say that the patient has a bed.
const BED_WORDS: [&str; 4] = ["INPATIENT", "IN-PATIENT", "IN PATIENT", "OBSERVATION ENCOUNTER"];

/// Words beside them by which the text means something else: "inpatient waiting list", "not an inpatient".
const OTHER_WORDS: [&str; 18] = [
    "NOT",
    "NON",
    "NO",
    "PRE",
    "FORMER",
    "PREVIOUS",
    "POST",
    "WAITING",
    "EXPECTED",
    "PLANNED",
    "CLINIC",
    "REFERRAL",
    "TCI",
    "BOOKING",
    "BOOKED",
    "FOLLOW",
    "DISCHARGED",
    "LIST",
];

impl VisitKind {
    /// The kind that a patient class names, or `None` if the class is not known.
    pub fn of_class(class: &str) -> Option<Self> {
        let class = class.trim().to_uppercase();
        let known = CLASSES.iter().find(|(_, words)| words.contains(&class.as_str())).map(|(kind, _)| *kind);
        known.or_else(|| says_bed(&class).then_some(Self::InPatient))
    }

    /// The kind in words, as pages and FHIR answers say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::InPatient => "In-patient",
            Self::DayCase => "Day case",
            Self::HospitalAtHome => "Hospital at home",
            Self::CommunityBed => "Community bed",
            Self::Emergency => "Emergency department",
            Self::RegularAttender => "Regular attender",
            Self::OutPatient => "Appointment",
            Self::Expected => "Expected",
        }
    }

    /// The list of people in hospital that the kind belongs to. Attenders and expected people are on none.
    pub fn list_category(self) -> Option<ListCategory> {
        match self {
            Self::InPatient => Some(ListCategory::Main),
            Self::DayCase => Some(ListCategory::DayCase),
            Self::HospitalAtHome => Some(ListCategory::HospitalAtHome),
            Self::CommunityBed => Some(ListCategory::CommunityBed),
            Self::Emergency | Self::RegularAttender | Self::OutPatient | Self::Expected => None,
        }
    }
}

/// Whether a class in capitals says in other words that the patient has a bed.
fn says_bed(class: &str) -> bool {
    let is_other = |word: &str| OTHER_WORDS.contains(&word) || word.starts_with("OUT");
    let has_bed_words = BED_WORDS.iter().any(|words| class.contains(words));
    // "Non-acute" is a kind of bed.
    has_bed_words && !class.replace("NON-ACUTE", "").split(|c: char| !c.is_alphanumeric()).any(is_other)
}
