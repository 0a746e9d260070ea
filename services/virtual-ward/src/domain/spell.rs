//! The state of one stay, computed from its messages. All of it is about a person: it must never be printed, and it is
//! stored sealed.

mod phase;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    Moment,
    spell::{CodedName, PatientDetails, Place, PlanItem, PlanStatus, Reside},
    ward::Cell,
    whereabouts::attendance_until,
};
use lcr_model::{OdsCode, SourceIdentity};
pub use phase::{Phase, Warning};
use serde::{Deserialize, Serialize};

/// A period in one place, until the next period begins or the patient leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacePeriod {
    pub place: Place,
    pub from: Timestamp,
    /// No message named the place by itself; another message implies it.
    pub inferred: bool,
}

/// The expected day of discharge, with the one before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExpectedDischargeDay {
    pub now: Option<Cell<Date>>,
    /// The last day sent, even if it was deleted since.
    pub last: Option<Date>,
    pub was: Option<Date>,
    /// A pending discharge set it; cancelling that discharge removes it.
    pub by_pending: bool,
}

/// The state of a stay. The same messages give the same state, whatever their order and number of copies.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Spell {
    /// The patient named by the newest message.
    pub identity: Option<SourceIdentity>,
    /// The visit number as last sent.
    pub visit: Option<String>,
    /// The visit's number changed during the stay.
    pub renumbered: bool,
    pub patient: PatientDetails,
    /// Some message said that the patient died. If the newest does not, the hospital withdrew the death.
    #[serde(rename = "death_told")]
    pub death_reported: bool,
    pub phase: Phase,
    /// The message time at which the stay was cancelled or corrected to another person.
    pub void: Option<Timestamp>,
    /// The last registration or transfer of an attending patient.
    pub attended: Option<Timestamp>,
    pub on_leave: bool,
    pub in_places: Vec<PlacePeriod>,
    /// The time of leaving that the hospital sent.
    pub left: Option<Moment>,
    /// From when the patient counts as gone. A future time is a plan: the patient is still in hospital.
    pub left_from: Option<Timestamp>,
    /// The message time of the newest message that gives the time of leaving.
    #[serde(rename = "left_told")]
    pub left_reported_at: Option<Timestamp>,
    pub admitted: Option<Cell<Moment>>,
    pub class: Option<Cell<String>>,
    /// The message time of the event that set the class.
    #[serde(rename = "class_told")]
    pub class_sent_at: Option<Timestamp>,
    pub consultant: Option<Cell<CodedName>>,
    pub specialty: Option<Cell<CodedName>>,
    pub expected: ExpectedDischargeDay,
    pub expected_stay: Option<Cell<u16>>,
    pub method: Option<Cell<String>>,
    pub destination: Option<Cell<String>>,
    pub discharge_method: Option<Cell<String>>,
    pub reside: Option<Cell<Reside>>,
    pub status: Option<Cell<PlanStatus>>,
    pub pathway: Option<Cell<String>>,
    pub going_to: Option<Cell<String>>,
    pub transfer_service: Option<Cell<String>>,
    pub transfer_date: Option<Cell<Date>>,
    pub criteria: Option<Cell<String>>,
    pub items: Option<Cell<Vec<PlanItem>>>,
    /// A planned transfer and its destination, if sent.
    pub pending_transfer: Option<Cell<Option<Place>>>,
    pub pending_discharge: Option<Timestamp>,
    /// An update's place that contradicts the moves. It is shown, never applied.
    pub elsewhere: Option<Cell<Place>>,
    /// An update's time of leaving although no discharge was sent. It is shown, never applied.
    #[serde(rename = "said_left")]
    pub left_in_update: Option<Cell<Moment>>,
    /// Fields of the hospital's own profile, by key.
    pub further: BTreeMap<String, Cell<String>>,
    /// The message time of the newest message.
    #[serde(rename = "last_told")]
    pub last_message_at: Option<Timestamp>,
    pub warnings: BTreeSet<Warning>,
}

impl fmt::Debug for Spell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spell({:?}, {} places, left: {})", self.phase, self.in_places.len(), self.left.is_some())
    }
}

impl Spell {
    /// The present place, or the last one before leaving.
    pub fn latest_place(&self) -> Option<&PlacePeriod> {
        self.in_places.last()
    }

    /// The site of the latest place, as the hospital sent it.
    pub fn latest_site(&self) -> Option<&str> {
        self.latest_place().and_then(|period| period.place.site.as_deref())
    }

    /// Whether the stay may be shown while these units are closed to the reader. If there are any, its latest site must be
    /// known and none of them.
    pub fn is_at_open_unit<'a>(&self, closed: impl IntoIterator<Item = &'a OdsCode>, is_site_known: bool) -> bool {
        let mut closed = closed.into_iter().peekable();
        if closed.peek().is_none() {
            return true;
        }
        let is_open = |site: &str| !closed.any(|unit| unit.as_str().eq_ignore_ascii_case(site.trim()));
        is_site_known && self.latest_site().is_some_and(is_open)
    }

    /// The time of admission as sent, else the start of the first place.
    pub fn arrival(&self) -> Option<Cell<Moment>> {
        let start = |first: &PlacePeriod| Cell { value: Moment::exact(first.from), at: first.from };
        self.admitted.clone().or_else(|| self.in_places.first().map(start))
    }

    /// From when the patient counts as gone. Older rows have no `left_from`.
    pub fn departure_time(&self) -> Option<Timestamp> {
        self.left_from.or(self.left.map(|left| left.at))
    }

    /// Whether the patient has left by `now`.
    pub fn has_left(&self, now: Timestamp) -> bool {
        self.departure_time().is_some_and(|left| left <= now)
    }

    /// Whether the patient attended or was admitted and the stay is not cancelled.
    pub fn is_actual_stay(&self) -> bool {
        self.void.is_none() && self.phase >= Phase::Attending
    }

    /// The last registration or transfer of an attendance, else its start.
    pub fn last_movement(&self) -> Timestamp {
        let last = self.attended.or_else(|| self.arrival().map(|arrival| arrival.value.at));
        last.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// When the hospital staff's relationship with the patient ends; `None` while the patient is in a bed. An attendance
    /// whose end was not sent lapses: it must not open the record for ever.
    pub fn relationship_until(&self) -> Option<Timestamp> {
        if self.phase == Phase::Attending {
            return Some(attendance_until(self.last_movement(), self.left));
        }
        self.left.map(Moment::last)
    }

    /// Records a discharge. A day that was sent before it began is a plan, which holds until that day is over.
    pub fn record_discharge(&mut self, left: Moment, message_time: Moment) {
        let planned = left.is_day() && message_time.at < left.at;
        self.left = Some(left);
        self.left_from = Some(if planned { left.last() } else { left.at });
        self.left_reported_at = Some(message_time.at);
        self.on_leave = false;
        self.pending_transfer = None;
        self.pending_discharge = None;
    }

    pub fn has_died(&self) -> bool {
        let is = |cell: &Option<Cell<String>>, code: &str| cell.as_ref().is_some_and(|cell| cell.value.trim() == code);
        let discharged_dead = is(&self.discharge_method, "4") || is(&self.destination, "79");
        self.patient.died || (discharged_dead && !self.death_reported)
    }
}

#[cfg(test)]
#[path = "spell_tests.rs"]
mod tests;
