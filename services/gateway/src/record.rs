//! A person's record: its pages, and the views that turn a record into text. A view must not read a clock or call a service.

pub mod allergies;
pub mod banner;
pub mod banner_remarks;
pub mod chart;
pub mod columns;
pub mod completeness;
pub mod coverage;
pub mod current_stay;
pub(crate) mod dataset_page;
pub(crate) mod document_page;
pub mod entry;
pub(crate) mod item_page;
pub mod marks;
pub mod medications;
pub mod missing;
pub(crate) mod page;
pub(crate) mod person_page;
pub mod remark;
pub mod sources;
pub(crate) mod sources_page;
pub mod summary;
pub mod tabs;
pub mod timeline;
pub(crate) mod timeline_page;
pub mod withheld;
