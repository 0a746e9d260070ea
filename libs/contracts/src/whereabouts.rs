//! Where a person is, by one visit: the kind of visit, the place in words, and whether it goes on. Banner, record, ward
//! list and FHIR answers use these rules, so that they must never say two things about one stay.

use jiff::{SignedDuration, Timestamp};

use crate::{Moment, spell::Place, ward::ListCategory};

/// An attendance at a clinic or emergency department that is known from messages alone ends this long after its last
/// movement, because hospitals often send no end.
const ATTENDANCE_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// When an attendance that is known from messages alone ends: at the end that the hospital sent, else a day after its last
/// registration or transfer. The ward list, relationships and the record all ask here.
pub fn attendance_until(last_movement: Timestamp, end: Option<Moment>) -> Timestamp {
    let lapse = || last_movement.saturating_add(ATTENDANCE_LIFETIME).unwrap_or(last_movement);
    end.map_or_else(lapse, Moment::last)
}

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
const CLASSES: [(VisitKind, &[&str]); 8] = [
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

/// The parts of a visit that decide where the person is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Visit {
    /// `None`: the hospital sent no class that is known.
    pub kind: Option<VisitKind>,
    /// Whether the patient attends, by the hospital's messages, or was admitted. `None`: there are no messages.
    pub attends: Option<bool>,
    /// The hospital's record system answered with the visit, so it is not known from messages alone.
    pub answered: bool,
    /// The source says that the visit goes on.
    pub in_progress: bool,
    /// The source says that the visit is planned.
    pub planned: bool,
    pub started: Option<Moment>,
    /// The last registration or transfer of an attendance, by the hospital's messages.
    pub last_movement: Option<Timestamp>,
    pub ended: Option<Moment>,
}

/// Where a visit leaves the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// In a bed, or in hospital at home.
    InHospital(VisitKind),
    InEmergency,
    /// In a visit that the hospital answers as not ended, without a kind that is known. It may be a bed.
    InVisitOfUnknownKind,
    /// At a clinic: not in hospital.
    AtClinic,
    Expected,
    /// Left at this time.
    Left(Moment),
    /// The visit says nothing about the present.
    NotKnown,
}

impl Visit {
    /// Where the person is at `now`. An end that lies in the future is a plan.
    pub fn whereabouts(&self, now: Timestamp) -> Whereabouts {
        if let Some(ended) = self.ended
            && ended.at <= now
        {
            return Whereabouts::Left(ended);
        }
        if self.planned || self.kind == Some(VisitKind::Expected) {
            return Whereabouts::Expected;
        }
        if !self.in_progress && self.ended.is_none() {
            return Whereabouts::NotKnown;
        }
        match self.kind {
            Some(kind) if kind.list_category().is_some() => Whereabouts::InHospital(kind),
            // A patient of unknown class whom the hospital admitted has a bed.
            None if self.attends == Some(false) => Whereabouts::InHospital(VisitKind::InPatient),
            _ if self.attendance_has_lapsed(now) => Whereabouts::NotKnown,
            Some(VisitKind::Emergency) => Whereabouts::InEmergency,
            None if self.answered => Whereabouts::InVisitOfUnknownKind,
            _ => Whereabouts::AtClinic,
        }
    }

    /// Whether it is a stay or an attendance at an emergency department, and no clinic.
    pub fn is_of_hospital(&self) -> bool {
        self.kind
            .map_or(self.attends == Some(false), |kind| kind == VisitKind::Emergency || kind.list_category().is_some())
    }

    /// Messages often lack the end of an attendance. An answer that says that it goes on does not lapse.
    fn attendance_has_lapsed(&self, now: Timestamp) -> bool {
        // An older copy of an answer, and a stay that an earlier version sent, have the start alone.
        let last_movement = self.last_movement.or(self.started.map(Moment::last));
        let is_over = |at: Timestamp| attendance_until(at, self.ended) <= now;
        !self.answered && self.attends != Some(false) && last_movement.is_some_and(is_over)
    }
}

/// A place in words. A blank part is missing, and a ward's name is preferred to its code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlaceWords {
    /// "J27", or "Cardiology".
    pub ward: Option<String>,
    /// "bay C", or "Bay C" as sent.
    pub bay: Option<String>,
    /// "bed 4".
    pub bed: Option<String>,
    /// The site as sent: a code or a name.
    pub site: Option<String>,
}

impl PlaceWords {
    pub fn of(place: &Place) -> Self {
        let sent = |part: &Option<String>| {
            part.as_deref().map(str::trim).filter(|part| !part.is_empty()).map(ToOwned::to_owned)
        };
        // Hospitals write "Bay B" as well as "B".
        let labelled = |label: &str, part: &Option<String>| {
            let part = sent(part)?;
            Some(if part.to_lowercase().starts_with(label) { part } else { format!("{label} {part}") })
        };
        Self {
            ward: sent(&place.ward_name).or_else(|| sent(&place.ward)),
            bay: labelled("bay", &place.bay),
            bed: labelled("bed", &place.bed),
            site: sent(&place.site),
        }
    }

    /// "J27, bay C, bed 4", or `None` if none of them was sent.
    pub fn within_site(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.ward, &self.bay, &self.bed].into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// The key of a consultant's or specialty's name: case and spaces do not matter.
pub fn name_key(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

/// The key of a ward's name. A leading "Ward" does not matter, but would in a surname.
pub fn place_key(text: &str) -> String {
    let key = name_key(text);
    match key.strip_prefix("WARD ") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => key,
    }
}

#[cfg(test)]
#[path = "whereabouts_tests.rs"]
mod tests;
