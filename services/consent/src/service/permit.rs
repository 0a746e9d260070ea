//! Signs permits: one view of one service, for at most 60 seconds. Call it only after audit has committed the entry.

use lcr_contracts::{Caller, Failure, consent::DecisionRequest};
use lcr_model::{
    PermitClaims, ServiceName,
    permit::{MAX_AGE_SECONDS, PERMIT_TYP, PersonGrant},
};

use super::Service;

impl Service {
    pub(super) fn sign_permit(
        &self,
        caller: &Caller,
        request: &DecisionRequest,
        people: Vec<PersonGrant>,
    ) -> Result<String, Failure> {
        let iat = self.clock.now().as_second();
        let claims = PermitClaims {
            iss: ServiceName::Consent,
            aud: request.audience,
            sub: caller.actor.user.clone(),
            org: caller.actor.org.clone(),
            role: caller.actor.role,
            session: caller.actor.session,
            purpose: caller.actor.purpose,
            view_id: request.view,
            policy_version: self.policies.version().to_owned(),
            iat,
            exp: iat + MAX_AGE_SECONDS,
            people,
        };
        self.signer.sign(PERMIT_TYP, &claims).map_err(Failure::internal)
    }
}
