//! What sources really say, from a source's own server to the record, the page, the FHIR answers and the files: what is
//! forbidden, withdrawn, corrected, doubted or commented is shown as such, and what cannot be shown is said to be
//! missing. The inputs are made here; each is one report of those who do this job.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![allow(clippy::needless_pass_by_value, reason = "what a source gives is written where it is given")]

#[path = "life/documents.rs"]
mod documents;
#[path = "life/hospital.rs"]
mod hospital;
#[path = "life/meaning.rs"]
mod meaning;
#[path = "life/messages.rs"]
mod messages;
#[path = "life/people.rs"]
mod people;
#[path = "life/scene.rs"]
mod scene;
#[path = "life/values.rs"]
mod values;
