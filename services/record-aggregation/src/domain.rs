//! The rules: which FHIR types make up a dataset, what an item says, what may be left of it, what several
//! sources say together. Pure: no store, no clock, no call.

pub mod answer;
pub mod assemble;
pub mod doubt;
pub mod entry;
pub mod kind;
pub mod limits;
pub mod listing;
pub mod merge;
pub mod person;
#[cfg(test)]
pub mod planted;
pub mod pushed;
pub mod sensitivity;
pub mod stays;
pub mod subject;
pub mod without_location;

#[cfg(test)]
mod growth_tests;
