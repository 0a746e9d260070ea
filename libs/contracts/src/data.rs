//! Data types that several contracts and events share. They must not depend on a trait.

pub mod choices;
pub mod missing;
pub mod moment;
pub mod omission;
pub mod reason;
pub mod record;
pub mod spell;
