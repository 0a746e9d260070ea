//! What a list page is built with: the reader's options and settings, and the earlier view it is compared with. It
//! must hold no rows.

use jiff::Timestamp;
use lcr_contracts::ward::{ListOf, ListSettings};

use crate::ward::{change_mark::Baseline, filters::ListOptions, watch_button::WatchForm};

#[derive(Debug, Clone, Copy)]
pub struct ListContext<'a> {
    pub of: &'a ListOf,
    pub options: &'a ListOptions,
    pub baseline: &'a Baseline,
    pub settings: &'a ListSettings,
    pub form: WatchForm<'a>,
    pub now: Timestamp,
}
