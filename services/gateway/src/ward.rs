//! The virtual ward as text: who is in hospital, who left, what is known of each stay and since when. It must never
//! let a reader tell a hidden row from a row that does not exist.

pub mod change_mark;
pub mod columns;
pub mod counts;
pub mod delays;
pub(crate) mod delays_page;
pub mod discharged;
pub mod filters;
pub mod further_fields;
pub mod inpatients;
pub mod list;
pub mod list_context;
pub mod list_header;
pub(crate) mod list_links;
pub(crate) mod page;
mod place_picker;
pub(crate) mod query;
mod row_context;
pub mod row_version;
pub mod settings_form;
pub(crate) mod settings_page;
pub mod stay_list;
pub mod stay_row;
pub mod watch_button;

/// Shown under every list. It carries no number: a count would reveal that somebody objected.
pub const CHOICES_NOTE: &str = "Some patients may not be shown because of a choice they made.";
