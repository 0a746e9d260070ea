//! The rules: which messages make a stay, what state they leave it in, which list shows it, what a reader sees of it.
//! All of it is pure: no code here may read a clock, the store or the network.

pub mod code_names;
pub mod delays;
mod event_order;
mod fold;
pub mod list_category;
pub mod london;
pub mod place;
pub mod place_counts;
pub mod row;
pub mod spell;
pub mod texts;
pub mod visit;

pub use spell::Spell;
pub use visit::{IdentityResolver, Merge, Stay, fold_visit};
