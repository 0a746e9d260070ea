//! The traits that services offer, one file each, with the requests and answers of that trait alone.

pub mod audit;
pub mod consent;
pub mod identity;
pub mod messages;
pub mod partners;
pub mod patient_index;
pub mod records_api;
pub mod registrar;
pub mod ward;
