//! Where a person is, by one visit: the kind of visit, the place in words, and whether it goes on. Banner, record, ward
//! list and FHIR answers use these rules, so that they must never say two things about one stay.

mod place_words;
mod visit_kind;

use jiff::{SignedDuration, Timestamp};
pub use place_words::{PlaceWords, name_key, place_key};
pub use visit_kind::VisitKind;

use crate::Moment;

/// An attendance at a clinic or emergency department that is known from messages alone ends this long after its last
/// movement, because hospitals often send no end.
const ATTENDANCE_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// When an attendance that is known from messages alone ends: at the end that the hospital sent, else a day after its last
/// registration or transfer. The ward list, relationships and the record all ask here.
pub fn attendance_until(last_movement: Timestamp, end: Option<Moment>) -> Timestamp {
    let lapse = || last_movement.saturating_add(ATTENDANCE_LIFETIME).unwrap_or(last_movement);
    end.map_or_else(lapse, Moment::last)
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

#[cfg(test)]
#[path = "whereabouts_tests.rs"]
mod tests;
