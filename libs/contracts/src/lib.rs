//! The contracts between services: what each service offers, with which types and failures. A caller holds an `Arc<dyn
//! Trait>` and cannot tell whether the service runs in this process or elsewhere. No behaviour may live here, and no
//! service may be reached except through these traits or an event.
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

pub mod audit;
pub mod call_graph;
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
pub mod records_api;
pub mod registrar;
pub mod spell;
pub mod ward;

pub use audit::Audit;
pub use consent::Consent;
pub use failure::{Failure, FailureKind};
pub use further::FieldPlace;
pub use identity::Identity;
pub use messages::Messages;
pub use moment::{Moment, Precision};
pub use patient_index::PatientIndex;
pub use records_api::Records;
pub use registrar::Registrar;
pub use ward::VirtualWard;

use jiff::Timestamp;
use lcr_model::{Actor, Phi, ServiceName};

/// The caller of a service: the calling service and the signed-in actor it acts for. Over HTTP both are tokens; a call
/// without an actor is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub service: ServiceName,
    pub actor: Actor,
    /// The user token, passed on unchanged from service to service.
    pub token: Phi<String>,
    /// When the token expires. No answer may outlive it.
    pub until: Timestamp,
}

impl Caller {
    /// The same actor, called through `service`.
    #[must_use]
    pub fn through(&self, service: ServiceName) -> Self {
        Self { service, ..self.clone() }
    }
}
