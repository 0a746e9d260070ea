//! Every seam of the platform: what each service offers, in which words, with which failures. A caller holds an
//! `Arc<dyn Trait>` and cannot tell whether the service is in this process or across the wire. No behaviour
//! lives here, and no service may be reached but through one of these or an event.
//!
//! | seam | offered by | used by |
//! |---|---|---|
//! | `Identity` | identity | gateway |
//! | `Consent` | consent | gateway, patient-index, record-aggregation, virtual-ward |
//! | `Audit` | audit | consent, gateway |
//! | `PatientIndex` | patient-index | gateway, record-aggregation |
//! | `Records` | record-aggregation | gateway |
//! | `VirtualWard` | virtual-ward | gateway |
//! | `Messages` | feeds | gateway |
//! | `Registrar` | identity | operator |

pub mod arrows;
pub mod audit;
pub mod choices;
pub mod consent;
pub mod events;
pub mod failure;
mod further;
pub mod identity;
mod known;
pub mod messages;
mod missing;
pub mod moment;
pub mod patient_index;
pub mod record;
pub mod records;
pub mod registrar;
pub mod spell;
pub mod ward;

pub use audit::Audit;
pub use consent::Consent;
pub use failure::{Failure, Kind};
pub use further::FieldPlace;
pub use identity::Identity;
pub use messages::Messages;
pub use moment::{Moment, Precision};
pub use patient_index::PatientIndex;
pub use records::Records;
pub use registrar::Registrar;
pub use ward::VirtualWard;

use jiff::Timestamp;
use lcr_model::{Actor, Phi, ServiceName};

/// Who makes a call between services: the service itself, and the signed-in actor it acts for.
/// Across the wire both are tokens; a call without an actor is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub service: ServiceName,
    pub actor: Actor,
    /// identity's word on the actor, carried on from service to service as it came.
    pub token: Phi<String>,
    /// When that word ends; nothing that lasts may outlive it.
    pub until: Timestamp,
}

impl Caller {
    /// The same actor, for a call that `service` makes on the way.
    #[must_use]
    pub fn through(&self, service: ServiceName) -> Self {
        Self { service, ..self.clone() }
    }
}
