//! The public register for a second, so that anybody may ask for it often and a change is visible at once. It names no person, and a
//! failure is never stored.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{Failure, Partners, partners::sharing_register::SharingRegister};

use crate::cache::timed_value::TimedValue;

/// How long an answer of identity is served.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(1);

#[derive(Default)]
pub(crate) struct CachedRegister(TimedValue<SharingRegister>);

impl CachedRegister {
    /// # Errors
    /// If identity does not answer and the last register is too old.
    pub async fn load(&self, partners: &dyn Partners, now: Timestamp) -> Result<Arc<SharingRegister>, Failure> {
        if let Some(register) = self.0.get(now, MAX_AGE) {
            return Ok(register);
        }
        Ok(self.0.store(now, partners.sharing_register().await?))
    }
}
