//! One message to come: what happened, where and when. A story is a list of them.

use jiff::Timestamp;
use jiff::civil::Date;

use super::plan::Plan;
use crate::hospital::Place;

/// What a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A04.
    Register,
    /// A01.
    Admit,
    /// A06.
    ToInpatient,
    /// A02.
    Transfer,
    /// A08.
    Update,
    /// A21 and A22.
    LeaveOut,
    LeaveBack,
    /// A03.
    Discharge,
    /// A11, A12 and A13.
    CancelAdmit,
    CancelTransfer,
    CancelDischarge,
    /// A28 under a number that a merge (A40) takes back, A31.
    AddPerson,
    UpdatePerson,
    Merge,
    /// ORU: `true` once it is final.
    Bloods,
    Culture(bool),
    Inr,
    /// MDM: the discharge letter.
    Letter,
}

/// One message.
#[derive(Debug, Clone)]
pub(super) struct Beat {
    pub(super) what: What,
    /// When it is to be sent, which is later than `sent` for one that is sent twice.
    pub(super) due: Timestamp,
    /// What its header says.
    pub(super) sent: Timestamp,
    pub(super) happened: Timestamp,
    pub(super) place: Place,
    pub(super) prior: Option<Place>,
    pub(super) plan: Option<Plan>,
    pub(super) expected: Option<Date>,
    /// Its number within the story, from which the control id is made.
    pub(super) number: u32,
}

impl Beat {
    /// Something that is told when it happens.
    pub(super) fn new(what: What, at: Timestamp, place: Place) -> Self {
        Self {
            what,
            due: at,
            sent: at,
            happened: at,
            place,
            prior: None,
            plan: None,
            expected: None,
            number: 0,
        }
    }

    pub(super) fn from(self, prior: Place) -> Self {
        Self { prior: Some(prior), ..self }
    }

    pub(super) fn plan(self, plan: Plan) -> Self {
        Self { plan: Some(plan), ..self }
    }

    pub(super) fn expecting(self, day: Date) -> Self {
        Self { expected: Some(day), ..self }
    }

    /// Told later than it happened.
    pub(super) fn told_at(self, at: Timestamp) -> Self {
        Self { due: at, sent: at, ..self }
    }
}

/// Numbers a story's messages and puts them in the order in which they are sent.
pub(super) fn numbered(mut beats: Vec<Beat>) -> Vec<Beat> {
    beats.sort_by_key(|beat| beat.due);
    for (number, beat) in (0_u32..).zip(beats.iter_mut()) {
        beat.number = number;
    }
    beats
}
