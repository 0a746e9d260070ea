//! The people for whom the reader's organisation cares: short lists on the home page, and the whole list. Consent decides
//! who is on it; each name shown is recorded. It must show nobody whom patient-index left out.

pub(crate) mod home;
pub(crate) mod list;
pub(crate) mod names;
pub(crate) mod page;
