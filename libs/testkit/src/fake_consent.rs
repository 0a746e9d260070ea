//! A fake consent that signs real permits. A test states whom it grants and which decisions still hold; choices and
//! explanations are not found. It must never be used outside tests.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use lcr_contracts::{
    Caller, Consent, Failure,
    choices::{Choices, NewChoice, Receipt, Review},
    consent::{Confirm, CountableStay, Decision, DecisionRequest, Explanation, Refusal},
};
use lcr_model::{
    Clock, Dataset, PermitClaims, PersonId, ServiceName, SigningKey,
    permit::{Hide, PERMIT_TYP, PersonGrant},
};
use uuid::Uuid;

/// The life of a permit in seconds.
const PERMIT_SECONDS: i64 = 60;

/// Grants and refusals. There is no permit if all are refusals.
pub type Answer = (Vec<PersonGrant>, Vec<(PersonId, Refusal)>);

/// The decisions of a test.
pub trait ConsentRules: Send + Sync {
    fn decide(&self, caller: &Caller, ask: &DecisionRequest) -> Result<Answer, Failure>;

    /// The decisions that a count follows. No view follows from them.
    fn countable(&self, caller: &Caller, ask: &DecisionRequest) -> Result<Answer, Failure> {
        self.decide(caller, ask)
    }

    /// Whether a decision still holds.
    fn confirm(&self, _: &Confirm) -> bool {
        true
    }

    /// Changes the claims of a permit before it is signed.
    fn change_claims(&self, _: &mut PermitClaims) {}
}

/// Consent by the rules of a test.
pub struct FakeConsent<R> {
    pub rules: Arc<R>,
    pub key: SigningKey,
    pub clock: Arc<dyn Clock>,
}

impl<R> fmt::Debug for FakeConsent<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeConsent")
    }
}

#[async_trait]
impl<R: ConsentRules> Consent for FakeConsent<R> {
    async fn decide(&self, caller: &Caller, ask: DecisionRequest) -> Result<Decision, Failure> {
        let (people, refused) = self.rules.decide(caller, &ask)?;
        if people.is_empty() && !refused.is_empty() {
            return Ok(Decision { permit: None, refused });
        }
        let iat = self.clock.now().as_second();
        let mut claims = PermitClaims {
            iss: ServiceName::Consent,
            aud: ask.audience,
            sub: caller.actor.user.clone(),
            org: caller.actor.org.clone(),
            role: caller.actor.role,
            session: caller.actor.session,
            purpose: caller.actor.purpose,
            view_id: ask.view,
            policy_version: "test".into(),
            iat,
            exp: iat + PERMIT_SECONDS,
            people,
        };
        self.rules.change_claims(&mut claims);
        let permit = self.key.sign(PERMIT_TYP, &claims).map_err(Failure::internal)?;
        Ok(Decision { permit: Some(permit), refused })
    }

    async fn countable(&self, caller: &Caller, ask: DecisionRequest) -> Result<Vec<CountableStay>, Failure> {
        let (granted, _) = self.rules.countable(caller, &ask)?;
        let stays = |grant: PersonGrant| {
            let located = !grant.hides(Hide::Location);
            let sources = grant.grants.clone().into_iter().filter(|(_, dataset)| *dataset == Dataset::Encounters);
            sources.map(move |(source, _)| {
                let closed_units = grant.closed_units(&source, Dataset::Encounters).into_iter().cloned().collect();
                CountableStay { person: grant.person, source, located, closed_units }
            })
        };
        Ok(granted.into_iter().flat_map(stays).collect())
    }

    async fn confirm(&self, _: &Caller, confirm: Confirm) -> Result<bool, Failure> {
        Ok(self.rules.confirm(&confirm))
    }

    async fn explain(&self, _: &Caller, _: PersonId) -> Result<Explanation, Failure> {
        Err(Failure::not_found())
    }

    async fn choices(&self, _: &Caller, _: PersonId) -> Result<Choices, Failure> {
        Err(Failure::not_found())
    }

    async fn object(&self, _: &Caller, _: PersonId, _: NewChoice) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }

    async fn withdraw(&self, _: &Caller, _: PersonId, _: Uuid) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }

    async fn review(&self, _: &Caller, _: PersonId, _: Uuid, _: Review) -> Result<Receipt, Failure> {
        Err(Failure::not_found())
    }
}
