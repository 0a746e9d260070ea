//! The portal's pages, one module for each: ask a seam, turn the answer into a view, render. No page decides
//! what may be shown; each failure goes through `trouble`.

pub(crate) mod choices;
pub(crate) mod dataset;
pub(crate) mod document;
pub(crate) mod home;
pub(crate) mod item;
pub(crate) mod log;
pub(crate) mod my_record;
mod person;
pub(crate) mod privacy;
pub(crate) mod public;
pub(crate) mod record;
pub(crate) mod reviews;
pub(crate) mod search;
pub(crate) mod sign_in;
pub(crate) mod sources;
pub(crate) mod timeline;
pub(crate) mod waiting;
pub(crate) mod ward;
