//! The home page and the search for people. It must never put search text into a URL.

pub(crate) mod home_page;
pub(crate) mod page;
pub mod people;
