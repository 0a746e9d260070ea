//! The rules, pure, with time passed in: a stay as a fold over its messages, which list it belongs to, what of
//! it a reader may see. Nothing here reads a clock, a store or the network.

pub mod delays;
mod event_order;
mod fold;
pub mod london;
pub mod place;
pub mod row;
pub mod shelf;
pub mod spell;
pub mod visit;
pub mod words;

pub use spell::Spell;
pub use visit::{Merge, Stay, Who, stays};
