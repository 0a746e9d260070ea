//! The rules of the log: what a leaf commits to, where tiles are, what a person is told of looks at their record.
//! Pure: no store, no clock, no key.

pub mod code;
pub mod key;
pub mod leaf;
pub mod moment;
pub mod telling;
pub mod tile;
