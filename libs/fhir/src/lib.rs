//! The part of FHIR R4 we use. Types are checked against what HL7 says of their elements: what is malformed is refused,
//! never read as absent. Unknown fields are kept. Nothing here knows what a record is.

mod bundle;
mod dates;
mod item;
pub mod json;
mod modifier;
pub mod outcome;
mod r4;
pub mod read;
pub mod words;

pub use bundle::{BundleError, Searchset};
pub use dates::{date_words, time_words};
pub use item::{Item, NotReadable, is_usable_id};
pub use modifier::has_unknown_modifier;
