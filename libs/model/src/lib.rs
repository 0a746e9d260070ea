//! The basic types of the record: ids, the NHS number, the actor, datasets, source states, the permit. No I/O, no async,
//! no dependency on our other crates. Nothing here may read a clock: time is passed in.

pub mod actor;
pub mod backoff;
pub mod care_link;
pub mod clearance;
pub mod clock;
pub mod dataset;
pub mod discharge_window;
pub mod ids;
pub mod keys;
pub mod label;
pub mod local_id_key;
pub mod london;
pub mod nhs_number;
mod open_names;
pub mod permit;
pub mod phi;
pub mod relationship;
pub mod seal;
pub mod source_state;

pub use actor::{Actor, ActorKind, Purpose, Role, ServiceName};
pub use backoff::Backoff;
pub use care_link::{CareLinkKind, ClaimReason, OverrideReason, Permission};
pub use clearance::Clearance;
pub use clock::{Clock, SystemClock};
pub use dataset::Dataset;
pub use ids::{LocalId, OdsCode, PersonId, SessionId, SourceId, SourceIdentity, SpellId, UserId, ViewId};
pub use keys::{KeySet, PublicKey, SigningKey};
pub use label::Label;
pub use local_id_key::LocalIdKey;
pub use nhs_number::NhsNumber;
pub use permit::{Permit, PermitClaims, PermitError};
pub use phi::Phi;
pub use relationship::{Relationship, RelationshipKind};
pub use source_state::SourceState;
