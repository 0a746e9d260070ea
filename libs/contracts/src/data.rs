//! Data types that several contracts and events share. They must not depend on a trait.

pub mod care_list;
pub mod choices;
pub mod claims;
pub mod incidents;
pub mod missing;
pub mod moment;
pub mod omission;
pub mod partners;
pub mod reason;
pub mod receipt_number;
pub mod record;
pub mod spell;
