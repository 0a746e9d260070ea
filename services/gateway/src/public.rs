//! Pages without sign-in: the start, the sign-in, accessibility. They must never show patient data.

pub(crate) mod page;
pub(crate) mod role_page;
pub(crate) mod sign_in_page;
