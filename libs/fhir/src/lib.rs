//! The part of FHIR R4 we use. Types are checked by a kept library (its R4B models: R4B differs from R4 in few
//! resources, none of ours): what is malformed is refused, never read as absent. Unknown fields are kept.
//! Nothing here knows what a record is.

mod bundle;
mod item;
pub mod outcome;
pub mod read;

pub use bundle::{BundleError, Searchset};
pub use item::{Item, NotReadable};
