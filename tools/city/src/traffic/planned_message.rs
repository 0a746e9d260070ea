//! A message that is not written yet: its kind, place and times. It must contain no HL7 text; `writer.rs` makes it.

use jiff::Timestamp;
use jiff::civil::Date;

use super::discharge_plan::DischargePlan;
use crate::hospital::Place;

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MessageKind {
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
    /// A21.
    LeaveOut,
    /// A22.
    LeaveBack,
    /// A03.
    Discharge,
    /// A11.
    CancelAdmit,
    /// A12.
    CancelTransfer,
    /// A13.
    CancelDischarge,
    /// A28 under a temporary number, which a merge ends.
    AddPerson,
    /// A31.
    UpdatePerson,
    /// A40.
    Merge,
    /// ORU.
    Bloods,
    /// ORU; `true` if the result is final.
    Culture(bool),
    /// ORU.
    Inr,
    /// MDM: the discharge letter.
    Letter,
}

/// A planned message.
#[derive(Debug, Clone)]
pub(super) struct PlannedMessage {
    pub(super) kind: MessageKind,
    /// When to send it. For a repeated message this is later than `sent`.
    pub(super) due: Timestamp,
    /// The time in its header.
    pub(super) sent: Timestamp,
    pub(super) happened: Timestamp,
    pub(super) place: Place,
    pub(super) prior: Option<Place>,
    pub(super) plan: Option<DischargePlan>,
    pub(super) expected: Option<Date>,
    /// Its number within the stay, which the control id contains.
    pub(super) number: u32,
}

impl PlannedMessage {
    /// A message sent at the moment of its event.
    pub(super) fn new(kind: MessageKind, at: Timestamp, place: Place) -> Self {
        Self { kind, due: at, sent: at, happened: at, place, prior: None, plan: None, expected: None, number: 0 }
    }

    pub(super) fn from(self, prior: Place) -> Self {
        Self { prior: Some(prior), ..self }
    }

    pub(super) fn plan(self, plan: DischargePlan) -> Self {
        Self { plan: Some(plan), ..self }
    }

    pub(super) fn with_expected_date(self, day: Date) -> Self {
        Self { expected: Some(day), ..self }
    }

    /// Sent later than its event.
    pub(super) fn sent_later(self, at: Timestamp) -> Self {
        Self { due: at, sent: at, ..self }
    }
}

/// Sorts the messages of a stay by sending time and numbers them.
pub(super) fn number_in_order(mut messages: Vec<PlannedMessage>) -> Vec<PlannedMessage> {
    messages.sort_by_key(|message| message.due);
    for (number, message) in (0_u32..).zip(messages.iter_mut()) {
        message.number = number;
    }
    messages
}
