//! Who may end the suspension of a system or a client. Pure. An organisation must never end one of the platform's administrators.

use lcr_contracts::Failure;

use super::edit::conflict;
use crate::partners::Author;

/// Whether something is suspended, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    pub suspended: bool,
    /// By the platform's administrators, who alone end it.
    pub by_platform: bool,
}

impl Suspension {
    /// The suspension after a change by this author.
    pub fn changed(self, suspended: bool, author: &Author) -> Result<Self, Failure> {
        let is_platform = author.is_platform_administrator();
        if self.suspended && self.by_platform && !suspended && !is_platform {
            return Err(Failure::forbidden("The platform's administrators suspended this; they alone end it."));
        }
        let by_platform = suspended && is_platform;
        match (self.suspended, suspended) {
            (false, false) => Err(conflict("This is not suspended.")),
            (true, true) if self.by_platform || !by_platform => Err(conflict("This is suspended already.")),
            _ => Ok(Self { suspended, by_platform }),
        }
    }
}

#[cfg(test)]
#[path = "suspension_tests.rs"]
mod tests;
