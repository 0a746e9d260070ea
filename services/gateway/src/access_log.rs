//! Who looked: the patient's own log and the officer's. It must never show what policy withholds.

pub mod log_words;
pub mod officer_log;
pub(crate) mod officer_person_page;
pub(crate) mod officer_search_page;
pub mod patient_log;
pub(crate) mod patient_page;
