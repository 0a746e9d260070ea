//! The steps between an organisation's states, and who may take them. Pure.

use jiff::Timestamp;
use lcr_contracts::registry::PartnerState;
use lcr_model::{OdsCode, UserId};
use uuid::Uuid;

use crate::store::partner_change::NewEntry;

/// What happened to something that an organisation has set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateEvent {
    /// A system or a provider is set up.
    Connected,
    /// Everything that is set up has passed its check.
    Passed,
    /// Something that is set up was changed and has not passed its check since.
    Changed,
}

/// The states to move through after an event, one after the other.
pub fn steps_after(state: PartnerState, event: StateEvent) -> &'static [PartnerState] {
    use PartnerState::{Agreed, Conformant, Connecting};
    match (state, event) {
        (Agreed, StateEvent::Connected) | (Conformant, StateEvent::Changed) => &[Connecting],
        (Agreed, StateEvent::Passed) => &[Connecting, Conformant],
        (Connecting, StateEvent::Passed) => &[Conformant],
        _ => &[],
    }
}

/// The steps from a state to live.
pub(super) fn steps_to_live(state: PartnerState) -> &'static [PartnerState] {
    use PartnerState::{Agreed, Conformant, Connecting, Live};
    match state {
        Agreed => &[Connecting, Conformant, Live],
        Connecting => &[Conformant, Live],
        Conformant => &[Live],
        _ => &[],
    }
}

/// An entry of the history about what the platform itself did.
pub fn platform_entry(ods: &OdsCode, what: impl Into<String>, now: Timestamp) -> NewEntry {
    NewEntry {
        id: Uuid::now_v7(),
        organisation: ods.clone(),
        at: now,
        by: "the platform".to_owned(),
        user: UserId::new("platform"),
        what: what.into(),
        reason: String::new(),
        system: None,
    }
}

pub(super) fn words_of_step(from: PartnerState, to: PartnerState) -> String {
    if from == to {
        return "The platform's administrators took over the suspension".to_owned();
    }
    format!("Moved from {from} to {to}")
}
