//! What the pages say: pure functions from a record, a stub or a log to words, so that every rule of
//! `portal.md` can be tested without a page. Nothing here reads a clock or calls a service.

pub mod allergies;
pub mod banner;
pub mod chart;
pub mod choices;
pub mod columns;
pub mod completeness;
pub mod entry;
pub mod filter;
pub mod gaps;
pub mod kept;
pub mod log;
pub mod marks;
pub mod medications;
pub mod missing;
pub mod own_log;
pub mod people;
pub mod place;
pub mod reviews;
pub mod sharing;
pub mod sources;
pub mod summary;
pub mod table;
pub mod tabs;
pub mod timeline;
pub mod waiting;
pub mod ward;
pub mod whereabouts;
pub mod words;
