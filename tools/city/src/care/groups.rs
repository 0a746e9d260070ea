//! The groups of people for whom an organisation cares. Groups of the personas' organisations come first, so that a small
//! city fills them before those of the pilot teams. It must name no person outside the cast.

use crate::plan::Source::{
    self, AdultSocialCare, Ambulance, CareHome, ChildrensSocialCare, Community, MentalHealth, OutOfHours, Pharmacy,
    StHildas,
};
use crate::world::CastRole::{self, Child, Deceased, Doreen, Elsewhere, Fredrica, Leonard, Osei, TwinA, TwinB};

/// The kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkKind {
    Caseload,
    Resident,
    UrgentCase,
    SafeguardingEnquiry,
    MeetingList,
    NominatedPharmacy,
    Appointment,
    /// Booked and then cancelled, so it is no evidence.
    CancelledAppointment,
    Referral,
}

impl LinkKind {
    /// Code and name of an episode. None for what the hospital's system sends as HL7 v2.
    pub(crate) fn episode(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Caseload => ("caseload", "Caseload"),
            Self::Resident => ("resident", "Resident"),
            Self::UrgentCase => ("urgent-case", "Open case"),
            Self::SafeguardingEnquiry => ("safeguarding-enquiry", "Safeguarding enquiry"),
            Self::MeetingList => ("meeting-list", "Meeting list"),
            Self::NominatedPharmacy => ("nominated-pharmacy", "Nominated pharmacy"),
            Self::Appointment | Self::CancelledAppointment | Self::Referral => return None,
        })
    }
}

/// Who can be in a group besides the named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Adult,
    Older,
    OlderAlone,
    Child,
    OfBeckside,
}

/// People for whom an organisation cares for the same reason.
#[derive(Debug)]
pub(crate) struct CareGroup {
    /// The system that sends the evidence.
    pub(crate) source: Source,
    pub(crate) kind: LinkKind,
    /// The code of the organisation that cares.
    pub(crate) organisation: &'static str,
    /// The team or clinic within it; empty for none.
    pub(crate) team: &'static str,
    pub(crate) named: &'static [CastRole],
    pub(super) others: usize,
    pub(super) who: Who,
}

impl CareGroup {
    /// Whether the platform reads the evidence at its source. Such a source sends none.
    pub(crate) fn is_read(&self) -> bool {
        self.source == MentalHealth && self.kind.episode().is_some()
    }
}

const fn group(
    (source, kind): (Source, LinkKind),
    organisation: &'static str,
    team: &'static str,
    named: &'static [CastRole],
    (others, who): (usize, Who),
) -> CareGroup {
    CareGroup { source, kind, organisation, team, named, others, who }
}

use LinkKind::{
    Appointment, CancelledAppointment, Caseload, MeetingList, NominatedPharmacy, Referral, Resident,
    SafeguardingEnquiry, UrgentCase,
};

#[rustfmt::skip]
pub(super) static GROUPS: [CareGroup; 21] = [
    group((Community, Caseload), "Z9T01", "District nursing", &[Fredrica, Osei, Deceased], (4, Who::Older)),
    group((StHildas, Referral), "Z9T01", "Heart failure nursing", &[Doreen], (0, Who::Older)),
    group((StHildas, Appointment), "Z9H01", "Cardiology clinic", &[Doreen, TwinB], (4, Who::Adult)),
    group((MentalHealth, Caseload), "Z9M01", "Community mental health team", &[Fredrica], (5, Who::Adult)),
    group((AdultSocialCare, Caseload), "Z9S01", "Duty team", &[Fredrica, Osei], (2, Who::Older)),
    group((AdultSocialCare, SafeguardingEnquiry), "Z9S01", "Safeguarding adults", &[], (1, Who::Older)),
    group((ChildrensSocialCare, Caseload), "Z9S02", "Assessment team", &[Child], (2, Who::Child)),
    group((ChildrensSocialCare, SafeguardingEnquiry), "Z9S02", "Front door", &[], (1, Who::Child)),
    group((CareHome, Resident), "Z9N01", "", &[], (5, Who::OlderAlone)),
    group((Pharmacy, NominatedPharmacy), "Z9P01", "", &[Fredrica, Leonard, Doreen], (4, Who::OfBeckside)),
    group((Ambulance, UrgentCase), "Z9A01", "Crew 12", &[Leonard], (3, Who::Adult)),
    group((OutOfHours, UrgentCase), "Z9O01", "Home visiting", &[Elsewhere, TwinA], (3, Who::Adult)),
    group((AdultSocialCare, Caseload), "Z9S11", "East team", &[], (3, Who::Older)),
    group((AdultSocialCare, Caseload), "Z9S12", "West team", &[], (3, Who::Older)),
    group((ChildrensSocialCare, Caseload), "Z9S21", "East team", &[], (2, Who::Child)),
    group((ChildrensSocialCare, Caseload), "Z9S22", "West team", &[], (2, Who::Child)),
    group((Community, MeetingList), "Z9T01", "Frailty meeting", &[], (1, Who::Older)),
    group((Community, Caseload), "Z9C11", "Community matrons", &[], (3, Who::Older)),
    group((Community, Caseload), "Z9C12", "Community matrons", &[], (3, Who::Older)),
    group((MentalHealth, MeetingList), "Z9M01", "Care programme meeting", &[], (1, Who::Adult)),
    // Booked for the wrong twin.
    group((StHildas, CancelledAppointment), "Z9H01", "Cardiology clinic", &[TwinA], (0, Who::Adult)),
];
