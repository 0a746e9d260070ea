//! Incidents, for privacy officers and the Caldicott guardian: how officers of two organisations read one part of the log. Audit
//! decides what each reads; no page may show more than it answers.

pub(crate) mod form;
pub(crate) mod list_page;
pub(crate) mod page;
