//! The access rules in force, as a page: which role sees what, and which links open a record. It must show the rules that
//! consent answers with, and none of its own.

pub(crate) mod matrix;
pub(crate) mod page;
pub(crate) mod policy;
