//! Reviews of doubtful links, for data stewards. It must never decide one.

pub mod comparison;
pub(crate) mod page;
