//! A person's record: its pages, and the views that turn a record into text. A view must not read a clock or call a service.

pub mod allergies;
pub mod allergy_check;
pub mod banner;
pub mod banner_remarks;
pub mod chart;
pub(crate) mod claim_page;
pub mod columns;
pub mod completeness;
pub mod coverage;
pub mod current_stay;
pub(crate) mod dataset_page;
pub(crate) mod document_page;
pub mod document_title;
pub(crate) mod emergency;
pub mod entry;
pub mod flags;
pub(crate) mod item_page;
pub mod marks;
pub mod medications;
pub mod missing;
pub mod order;
pub(crate) mod page;
pub mod page_datasets;
pub(crate) mod person_page;
pub(crate) mod refusal_page;
pub mod remark;
pub mod results_grid;
pub mod results_view;
pub mod sources;
pub(crate) mod sources_page;
pub mod summary;
pub mod tabs;
#[cfg(test)]
mod test_records;
pub mod timeline;
pub(crate) mod timeline_page;
pub mod withheld;
