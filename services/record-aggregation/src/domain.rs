//! The rules: which FHIR types make up a dataset, what an item says, which of it a reader may see, and how sources are merged
//! and compared. It never reads a store or a clock, and never calls a service.

pub mod assemble;
pub mod clearances;
pub mod closed_units;
pub mod compare;
pub mod doubt_warning;
pub mod entry;
pub mod item_list;
pub mod item_relations;
pub mod location_redaction;
#[cfg(test)]
pub mod marker_items;
pub mod merge;
pub mod organisation;
pub mod person;
pub mod prepared_item;
pub mod pushed_resources;
pub mod replaced_items;
pub mod resource_type;
pub mod sensitivity;
pub mod source_answer;
pub mod stays;
pub mod subject;

#[cfg(test)]
mod scaling_tests;
