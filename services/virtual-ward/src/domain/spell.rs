//! A stay as its messages leave it: where, since when, by whose word, and whether it still lasts. Everything in
//! it is about a person; it prints as nothing and is kept sealed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use lcr_contracts::{
    Moment,
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
    /// The admission was told again, for another place.
    MovedByAdmission,
    /// A transfer named a place it came from that was never told.
    MoveMissing,
    /// An admission for another place was told after they left.
    AdmittedAgain,
    /// The hospital's times say that the person left before coming.
    LeftBeforeAdmitted,
    /// The admission was cancelled, and a move told later says that the person is here.
    MovedAfterCancel,
    /// A move was told after the person had left.
    MovedAfterLeaving,
    /// The time of admission that was sent lies in the future.
    AdmittedInFuture,
    /// A cancel does not match what was sent last, and was not applied.
    CancelUnclear,
    /// An update deletes the time of leaving, and no message takes the leaving back.
    LeavingDeleted,
    /// The hospital's clock and the order of its messages disagree.
    OrderUnsure,
    /// The hospital sent the visit for another patient first.
    VisitCorrected,
    /// The hospital uses the visit number for another patient as well.
    VisitShared,
}

/// Time in one place, from here until the next begins or the person leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InPlace {
    pub place: Place,
    pub from: Timestamp,
    /// Worked out, not told.
    pub inferred: bool,
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

/// The state of a stay. The same for the same messages, whatever the order and number in which they came.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Spell {
    /// The newest word on whose stay it is.
    pub identity: Option<SourceIdentity>,
    /// The visit number as last sent.
    pub visit: Option<String>,
    /// The visit got another number while it lasted.
    pub renumbered: bool,
    pub patient: PatientSaid,
    /// Some message said that the patient died. If the newest word does not, it was taken back.
    pub death_told: bool,
    pub phase: Phase,
    /// Cancelled as a whole, or corrected to another person, by a message told then.
    pub void: Option<Timestamp>,
    /// When somebody who attends was last told to come or to be moved.
    pub attended: Option<Timestamp>,
    pub on_leave: bool,
    pub in_places: Vec<InPlace>,
    /// When the person left, as told.
    pub left: Option<Moment>,
    /// From when on they count as gone. In the future: planned, and they are still in.
    pub left_from: Option<Timestamp>,
    /// When the message that says so was told: the newest, if told again.
    pub left_told: Option<Timestamp>,
    pub admitted: Option<Cell<Moment>>,
    pub class: Option<Cell<String>>,
    /// When the event that set the class was told.
    pub class_told: Option<Timestamp>,
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
    pub said_left: Option<Cell<Moment>>,
    /// Fields of the hospital's own profile, by key.
    pub further: BTreeMap<String, Cell<String>>,
    /// When the hospital last said anything about the stay.
    pub last_told: Option<Timestamp>,
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
    pub fn came(&self) -> Option<Cell<Moment>> {
        let first = |first: &InPlace| Cell { value: Moment::exact(first.from), at: first.from };
        let first = || self.in_places.first().map(first);
        self.admitted.clone().or_else(first)
    }

    /// From when on they count as gone. Stays of before there was a field for it have the time of leaving alone.
    pub fn gone_from(&self) -> Option<Timestamp> {
        self.left_from.or(self.left.map(|left| left.at))
    }

    /// Whether they have left by `now`.
    pub fn has_left(&self, now: Timestamp) -> bool {
        self.gone_from().is_some_and(|left| left <= now)
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
            return self.left.map(Moment::last);
        }
        let last = self.attended.or_else(|| self.came().map(|came| came.value.at));
        let last = last.unwrap_or(Timestamp::UNIX_EPOCH);
        Some(last.saturating_add(ATTENDANCE).unwrap_or(last))
    }

    pub fn died(&self) -> bool {
        let is = |cell: &Option<Cell<String>>, code: &str| {
            cell.as_ref().is_some_and(|cell| cell.value.trim() == code)
        };
        let left_dead = is(&self.discharge_method, "4") || is(&self.destination, "79");
        self.patient.died || (left_dead && !self.death_told)
    }
}
