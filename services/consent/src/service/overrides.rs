//! Overrides: a user opens a closed record in an emergency, if the policy in force allows it. Every override is counted and
//! alarmed at once, without ids.

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure,
    claims::{ClaimReceipt, NewOverride},
};
use lcr_model::{PersonId, ServiceName};

use super::{Service, claims::Statement};
use crate::domain::claims::{self as rules, ClaimError, ClaimKind};

impl Service {
    pub(super) async fn make_override(
        &self,
        caller: &Caller,
        person: PersonId,
        new: NewOverride,
        signed_in_at: Option<Timestamp>,
    ) -> Result<ClaimReceipt, Failure> {
        let text = rules::check_override(&new)?;
        if !self.policies.permits_override(caller.actor.role, &new.reason) {
            return Err(ClaimError::RoleMayNotOverride.into());
        }
        // Only the gateway knows when the user signed in.
        let signed_in_at = signed_in_at.filter(|_| caller.service == ServiceName::Gateway);
        rules::check_sign_in(signed_in_at, self.clock.now())?;
        let reason = new.reason.to_string();
        let statement =
            Statement { kind: ClaimKind::Override, reason: Some(reason.clone()), permission: None, text: Some(text) };
        let receipt = self.open_by_claim(caller, person, statement).await?;
        self.metrics.overrides.with_label_values(&[reason.as_str()]).inc();
        tracing::warn!(event = "override-used", reason = reason.as_str(), "a user overrode a refusal in an emergency");
        Ok(receipt)
    }
}
