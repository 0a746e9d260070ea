//! The rules of the log: leaves, tiles, row codes, and which looks a patient or an officer may see. Pure: no store, no clock.

pub mod checkpoint_times;
pub mod disclosure;
pub mod incident;
pub mod key;
pub mod leaf;
pub mod officer_access;
pub mod row_code;
pub mod text_key;
pub mod tile;
