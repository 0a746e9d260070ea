//! The part of FHIR R4 that we use. Resources are checked against HL7's element definitions. A malformed element must be refused,
//! never read as absent; unknown fields are kept.

mod bundle;
pub mod care_link;
mod dates;
pub mod display;
mod item;
pub mod json;
mod modifier;
pub mod outcome;
pub mod period;
mod r4;
pub mod read;

pub use bundle::{BundleError, Searchset};
pub use dates::{format_date, format_time};
pub use item::{Item, UnreadableResource, is_usable_id};
pub use modifier::has_unknown_modifier;
