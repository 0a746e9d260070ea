//! Who looked: the patient's own log and the officer's. It must never show what policy withholds.

pub mod actions;
pub(crate) mod claim_queue;
pub(crate) mod claim_queue_page;
pub mod log_format;
pub(crate) mod log_search_form;
pub mod officer_log;
pub(crate) mod officer_person_page;
pub(crate) mod officer_search_page;
pub mod patient_log;
pub(crate) mod patient_page;
pub(crate) mod people_names;
pub mod visits;
pub(crate) mod waiting_objections;
