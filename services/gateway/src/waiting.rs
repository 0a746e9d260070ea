//! Waiting messages of hospitals: the page, and the view of a message. It must never show clinical content.

pub mod messages;
pub(crate) mod page;
