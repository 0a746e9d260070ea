//! Overrides: a user opens a closed record in an emergency, if the policy in force allows it. Every override is counted and
//! alarmed at once, without ids.

use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::Outcome,
    claims::{ClaimReceipt, NewOverride},
    events::ChoiceChanged,
    vocabulary::ReasonCode,
};
use lcr_model::{PersonId, ServiceName};
use lcr_store::Store;
use uuid::Uuid;

use super::{Service, claims::Statement};
use crate::{
    domain::claims::{self as rules, ClaimError, ClaimKind},
    store::claim::{self as rows, ClaimRow},
};

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

    /// Ends the caller's own override before its time. Returns once that is on the log, on disk and in force. An override that
    /// has ended already stays as it is.
    pub(super) async fn end_own_override(&self, caller: &Caller, person: PersonId, claim: Uuid) -> Result<(), Failure> {
        if self.snapshot_epochs(caller, &[]).await?.session_ended {
            return Err(Failure::new(FailureKind::Unauthenticated, "You were signed out."));
        }
        let is_own = |row: &ClaimRow| row.user == caller.actor.user.0 && row.person == person.0;
        let row = rows::find(self.store.read(), claim).await?.filter(is_own).ok_or_else(Failure::not_found)?;
        let relationship = row.kind().relationship(row.reason.as_deref(), String::new());
        let Some(relationship) = relationship.filter(|_| row.kind() == ClaimKind::Override) else {
            return Err(Failure::not_found());
        };
        if row.until <= self.clock.now().as_microsecond() {
            return Ok(());
        }
        let act = (Outcome::Allowed, ReasonCode::ClaimEnded(relationship));
        self.append_claim_entry(caller, Some(claim), vec![person], act).await?;
        let (now, bump) = (self.clock.now(), self.epochs.store_bump());
        let write = self.store.write(async move |tx| {
            rows::end(&tx, claim, now).await?;
            bump.bump_people(&tx, &[person], now).await?;
            Store::publish(&tx, now, &[ChoiceChanged { person, version: now.as_microsecond() }]).await
        });
        // Before and after the commit, as for a choice.
        self.epochs.bump(person);
        write.await?;
        self.epochs.bump(person);
        Ok(())
    }
}
