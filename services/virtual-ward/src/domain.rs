//! The rules, pure, with time passed in: a stay as a fold over its messages, which list it belongs to, what of
//! it a reader may see. Nothing here reads a clock, a store or the network.

pub mod fold;
pub mod london;
pub mod order;
pub mod place;
pub mod row;
pub mod shelf;
pub mod spell;
pub mod words;

pub use fold::fold;
pub use spell::Spell;
