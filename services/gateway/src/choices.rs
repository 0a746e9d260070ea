//! A person's choices: pages for the patient and for staff, and their views. It must never decide who may make one.

pub mod choice_list;
pub(crate) mod form;
pub(crate) mod page;
pub(crate) mod patient_page;
pub mod sharing;
pub(crate) mod staff_page;
