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
//! | `Partners` | identity | gateway |
//! | `Registrar` | identity | operator |

mod api;
pub mod call_graph;
mod caller;
mod data;
pub mod events;
pub mod failure;
mod known;
pub mod registry;
pub mod vocabulary;
pub mod whereabouts;

pub use api::partners::Partners;
pub use api::{audit, consent, identity, messages, patient_index, records_api, registrar, ward};
pub use audit::Audit;
pub use caller::Caller;
pub use consent::Consent;
pub use data::{care_list, choices, claims, incidents, moment, partners, record, spell};
pub use failure::{Failure, FailureKind};
pub use identity::Identity;
pub use messages::Messages;
pub use moment::{Moment, Precision};
pub use patient_index::PatientIndex;
pub use records_api::Records;
pub use registrar::Registrar;
pub use registry::FieldPlace;
pub use ward::VirtualWard;
