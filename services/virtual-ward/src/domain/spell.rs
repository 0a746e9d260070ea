//! A stay as its messages leave it: where, since when, by whose word, and whether it still lasts. Everything in
//! it is about a person; it prints as nothing and is kept sealed.

use std::{collections::BTreeSet, fmt};

use jiff::{SignedDuration, Timestamp, civil::Date};
use lcr_contracts::{
    spell::{Named, PatientSaid, Place, PlanItem, PlanStatus, Reside},
    ward::Cell,
};
use lcr_model::SourceIdentity;
use serde::{Deserialize, Serialize};

/// How long somebody is held to be at a clinic or emergency department after the last that was told of it.
const ATTENDANCE: SignedDuration = SignedDuration::from_hours(24);

/// How far the person has come into the hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Nothing that opens a stay was told.
    #[default]
    Unknown,
    /// Expected: in no bed.
    Expected,
    /// Attends as out-patient or in the emergency department.
    Attending,
    Admitted,
}

/// What a reader should know of how the row came about. Words are in `words.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    AdmissionFromTransfer,
    AdmissionFromDischarge,
    /// A second admission told another place.
    MovedByAdmission,
    /// A transfer named a place it came from that was never told.
    MoveMissing,
    /// Admitted again under the same visit number after leaving.
    AdmittedAgain,
    /// The hospital's times say that the person left before coming.
    LeftBeforeAdmitted,
}

/// Time in one place, from here until the next begins or the person leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InPlace {
    pub place: Place,
    pub from: Timestamp,
    /// Worked out, not told.
    pub inferred: bool,
    /// Begun by a transfer sent then (the newest, if told again), which a cancel not sent before can take back.
    pub transfer_sent: Option<Timestamp>,
}

/// An expected day of leaving, with the last different one said before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExpectedDay {
    pub now: Option<Cell<Date>>,
    /// The last that was said, also after it was taken back.
    pub last: Option<Date>,
    pub was: Option<Date>,
    /// It was said by a pending discharge, with which it goes.
    pub by_pending: bool,
}

/// A cancel whose original has not been seen at its place in the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenBack {
    pub what: TakenBackKind,
    pub place: Option<Place>,
    pub sent: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakenBackKind {
    Transfer,
    Discharge,
}

/// The state of a stay. The same for the same messages, whatever the order and number in which they came.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spell {
    /// The newest word on whose stay it is.
    pub identity: Option<SourceIdentity>,
    pub patient: PatientSaid,
    pub phase: Phase,
    /// Cancelled as a whole, by a message sent then.
    pub void: Option<Timestamp>,
    /// When the newest message that opened the stay was sent: a cancel sent before it did not mean it.
    pub opened_sent: Option<Timestamp>,
    /// When somebody who attends was last told to come or to be moved.
    pub attended: Option<Timestamp>,
    pub on_leave: bool,
    pub in_places: Vec<InPlace>,
    /// When the person left. In the future: planned, and they are still in.
    pub left: Option<Timestamp>,
    /// When the message that says so was sent: the newest, if told again.
    pub left_sent: Option<Timestamp>,
    /// Moves told for after the person left: where they are if the leaving is taken back.
    pub after_leaving: Vec<InPlace>,
    pub taken_back: Vec<TakenBack>,
    pub admitted: Option<Cell<Timestamp>>,
    pub class: Option<Cell<String>>,
    pub consultant: Option<Cell<Named>>,
    pub specialty: Option<Cell<Named>>,
    pub expected: ExpectedDay,
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
    /// A transfer that is planned, and where to.
    pub pending_transfer: Option<Cell<Option<Place>>>,
    pub pending_discharge: Option<Timestamp>,
    /// An update's place that is not where the person is held to be. Shown, never applied.
    pub elsewhere: Option<Cell<Place>>,
    /// An update's time of leaving, of somebody who has not left. Shown, never applied.
    pub said_left: Option<Cell<Timestamp>>,
    pub warnings: BTreeSet<Warning>,
}

impl fmt::Debug for Spell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spell({:?}, {} places, left: {})", self.phase, self.in_places.len(), self.left.is_some())
    }
}

impl Spell {
    /// Where the person is or was last.
    pub fn place(&self) -> Option<&InPlace> {
        self.in_places.last()
    }

    /// When they came: as told, else when the first place began.
    pub fn came(&self) -> Option<Cell<Timestamp>> {
        let first = || self.in_places.first().map(|first| Cell { value: first.from, at: first.from });
        self.admitted.clone().or_else(first)
    }

    /// Whether they have left by `now`.
    pub fn has_left(&self, now: Timestamp) -> bool {
        self.left.is_some_and(|left| left <= now)
    }

    /// Whether it says anything about who was in which hospital: not cancelled, and more than expected.
    pub fn counts(&self) -> bool {
        self.void.is_none() && self.phase >= Phase::Attending
    }

    /// Until when it makes a relationship with those who work there; `None` while the person is in a bed. An
    /// out-patient clinic or emergency department often never tells that somebody went: an attendance ends by
    /// itself, or it would open the record for ever.
    pub fn relationship_until(&self) -> Option<Timestamp> {
        if self.left.is_some() || self.phase != Phase::Attending {
            return self.left;
        }
        let last = self.attended.or_else(|| self.came().map(|came| came.value));
        let last = last.unwrap_or(Timestamp::UNIX_EPOCH);
        Some(last.saturating_add(ATTENDANCE).unwrap_or(last))
    }

    pub fn died(&self) -> bool {
        let is = |cell: &Option<Cell<String>>, code: &str| {
            cell.as_ref().is_some_and(|cell| cell.value.trim() == code)
        };
        self.patient.died || is(&self.discharge_method, "4") || is(&self.destination, "79")
    }
}
