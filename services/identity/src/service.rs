//! Begins sessions and mints tokens. A session's secret must be stored only as a hash.

use std::sync::Arc;

use jiff::Timestamp;
use lcr_auth::{KeyRing, UserClaims, sign_user, token::LIFE_SECONDS};
use lcr_contracts::{Failure, Identity as _};
use lcr_model::{Actor, Clock, OdsCode, Phi, Role, SessionId, UserId, seal::DataKeys};
use lcr_store::Store;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Metrics, domain,
    oidc::{
        Oidc,
        callback::{IdTokenClaims, refused},
    },
    patient_login,
    store::{self, session::NewSession},
};

pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub keys: KeyRing,
    pub data_keys: Arc<DataKeys>,
    pub oidc: Oidc,
    pub public_origin: String,
    /// In a demonstration, a source may accept any sender.
    pub demo: bool,
    pub metrics: Metrics,
}

/// When and where a session begins.
#[derive(Debug, Clone)]
pub struct SessionStart {
    /// When the user came back from their provider, or when the partner's system stated who its user is.
    pub started: Timestamp,
    /// When the user proved who they are. `None` for a launch: we did not see its user sign in.
    pub authenticated_at: Option<Timestamp>,
    /// The origins that may frame the session, separated by spaces. Empty: none.
    pub frame_ancestors: String,
}

impl SessionStart {
    /// A session in pages of our own. A provider that does not say when the user proved who they are did so now.
    pub fn after_sign_in(auth_time: Option<Timestamp>, now: Timestamp) -> Self {
        let authenticated_at = Some(auth_time.map_or(now, |at| at.min(now)));
        Self { started: now, authenticated_at, frame_ancestors: String::new() }
    }
}

/// RFC 6749 section 5.1.
#[derive(Serialize)]
pub struct TokenResponse {
    pub access_token: String,
    pub token_type: &'static str,
    pub expires_in: i64,
    pub scope: String,
}

impl Service {
    /// Begins a session for the person in a verified ID token or launch. Returns the secret of the session's cookie.
    pub async fn begin_session(
        &self,
        claims: IdTokenClaims,
        start: SessionStart,
    ) -> Result<(Actor, Phi<String>), Failure> {
        let registry = self.registry().await?;
        let patient = domain::is_patient(&claims.role);
        if !patient && !registry.organisations.iter().any(|org| org.ods.as_str() == claims.org) {
            return Err(refused("the organisation is not in the registry"));
        }
        let role: Role = claims.role.parse().map_err(|_| refused("the role is not one of ours"))?;
        let now = self.clock.now();
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let hash = self.data_keys.hash_name(&secret);
        let keys = self.data_keys.clone();
        let write = self.store.write(async move |tx| {
            // (issuer, subject) identifies a person permanently. An e-mail address does not.
            let hashes = keys.hash_names(&format!("{}\u{0}{}", claims.issuer, claims.subject));
            let user = store::user::find_or_insert(&tx, &hashes, &claims.name).await?;
            let actor = Actor {
                user: UserId::new(user),
                kind: domain::actor_kind(role),
                name: claims.name,
                org: OdsCode::new(claims.org),
                role,
                purpose: domain::purpose_of(role),
                session: SessionId::new(),
            };
            let new = NewSession {
                hash: &hash,
                actor: &actor,
                sid: claims.sid.as_deref(),
                started: start.started,
                authenticated_at: start.authenticated_at,
                frame_ancestors: &start.frame_ancestors,
            };
            store::session::insert(&tx, new, now).await?;
            if let Some(patient) = claims.patient.filter(|_| actor.role == Role::Patient) {
                let hash = patient_login::hash_patient(&patient, &keys);
                if store::user::record_verified_patient(&tx, actor.user.as_str(), &hash).await? {
                    let event = patient_login::to_demographics(&actor.user, &patient, &keys, now)?;
                    Store::publish(&tx, now, &[event]).await?;
                }
            }
            Ok(actor)
        });
        let actor = write.await?;
        self.metrics.sessions.inc();
        Ok((actor, Phi::new(secret)))
    }

    /// A five-minute token for `actor`.
    pub fn mint(&self, actor: &Actor, scope: &str, now: Timestamp) -> Result<TokenResponse, Failure> {
        let claims = UserClaims::new(actor, scope, now);
        let access_token = sign_user(self.keys.own(), &claims).map_err(Failure::internal)?;
        Ok(TokenResponse { access_token, token_type: "Bearer", expires_in: LIFE_SECONDS, scope: scope.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_as_old_as_its_proof() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let authenticated = |auth_time| SessionStart::after_sign_in(auth_time, at(1000)).authenticated_at;
        assert_eq!(authenticated(Some(at(100))), Some(at(100)), "the provider asked nothing");
        assert_eq!(authenticated(Some(at(1002))), Some(at(1000)), "the provider's clock is ahead");
        assert_eq!(authenticated(None), Some(at(1000)));
        assert_eq!(SessionStart::after_sign_in(Some(at(100)), at(1000)).started, at(1000), "the session is new");
    }
}
