//! The meaning of source data survives every layer: record, pages, FHIR answers and files. Forbidden, withdrawn, corrected,
//! doubtful and commented items are shown as such, and items that cannot be shown are counted. Each input is a case that
//! clinicians or integrators reported; no real data must be used.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![allow(clippy::needless_pass_by_value, reason = "inputs are written where they are passed")]

#[path = "source_fidelity/documents.rs"]
mod documents;
#[path = "source_fidelity/hospital.rs"]
mod hospital;
#[path = "source_fidelity/meaning.rs"]
mod meaning;
#[path = "source_fidelity/messages.rs"]
mod messages;
#[path = "source_fidelity/people.rs"]
mod people;
#[path = "source_fidelity/scene.rs"]
mod scene;
#[path = "source_fidelity/values.rs"]
mod values;
