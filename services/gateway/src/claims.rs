//! What a reader without a recorded link may say to open a record: the forms, and what consent offers of them. It must offer
//! nothing that consent does not, and must never log what was typed.

pub(crate) mod form;
pub(crate) mod offer;
