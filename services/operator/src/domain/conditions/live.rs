//! The `Live` condition: how far the system has come, in the words of the portal. It must not depend on whether the system
//! answers just now: `Ready` says that.

use lcr_contracts::registry::PartnerState;

use super::{ConditionValue, status_false, status_true};
use crate::{crd::PartnerSystem, domain::stages};

/// The value of the condition. `is_signed`: an agreement is in force. `is_set_up`: our part is done.
pub(super) fn live_value(system: &PartnerSystem, is_signed: bool, is_set_up: bool) -> ConditionValue {
    let spec = &system.spec;
    if spec.suspended {
        return status_false("Suspended", "the system is suspended");
    }
    match spec.organisation.state {
        Some(PartnerState::Draft) => return status_false("Draft", "the organisation has not signed the agreement"),
        Some(PartnerState::Agreed) => return status_false("Agreed", "the organisation has set nothing up yet"),
        Some(PartnerState::Connecting) => {
            return status_false("Connecting", "what the organisation has set up has not passed its check");
        }
        Some(PartnerState::Conformant) => return status_false("Conformant", "the organisation has not gone live"),
        Some(PartnerState::Suspended) => return status_false("Suspended", "the organisation is suspended"),
        Some(PartnerState::Left) => return status_false("Left", "the organisation has left"),
        Some(PartnerState::Live) | None => {}
    }
    if !is_signed {
        return status_false("Draft", "no agreement is in force");
    }
    if !is_set_up {
        return status_false("Connecting", "it is not set up yet: Ready says why");
    }
    if !spec.live {
        return status_false("Connecting", "it is set up, and has not gone live");
    }
    if spec.stages.is_empty() {
        return status_true("Live", "the portal says who sees each agreed dataset");
    }
    let held_back: Vec<&str> = stages::held_back(spec).into_iter().map(lcr_model::Dataset::as_str).collect();
    if held_back.is_empty() {
        return status_true("Live", "every agreed dataset is on for everybody");
    }
    status_true("Live", format!("not on for everybody yet: {}", held_back.join(", ")))
}
