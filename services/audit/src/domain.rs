//! The rules of the log: leaves, tiles, row codes, and which looks a patient may see. Pure: no store, no clock.

pub mod checkpoint_times;
pub mod disclosure;
pub mod key;
pub mod leaf;
pub mod row_code;
pub mod tile;
