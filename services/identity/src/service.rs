//! Begins sessions and mints tokens. A session's secret must be stored only as a hash.

use std::{num::NonZeroU32, sync::Arc};

use jiff::Timestamp;
use lcr_auth::{KeyRing, UserClaims, sign_user, token::LIFE_SECONDS};
use lcr_contracts::Failure;
use lcr_model::{Actor, ActorKind, Clock, OdsCode, Phi, Role, SessionId, UserId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Metrics, domain,
    oidc::{Oidc, callback::IdTokenClaims, refusal::SignInRefusal},
    patient_login,
    people::{self, Admission, AdmitResult},
    session_rules,
    store::{self, session::NewSession},
    systems::client_access::ClientAccess,
};

pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub keys: KeyRing,
    pub data_keys: Arc<DataKeys>,
    pub oidc: Oidc,
    /// The one outbound client, for checks of partners' systems and their published keys.
    pub outbound: lcr_web::Outbound,
    pub client_access: ClientAccess,
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

/// What became of a sign-in.
#[derive(Debug)]
pub enum SessionResult {
    /// The user, and the secret of the session's cookie.
    Begun(Actor, Phi<String>),
    Refused(SignInRefusal),
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
        match self.try_begin_session(claims, start).await? {
            SessionResult::Begun(actor, secret) => Ok((actor, secret)),
            SessionResult::Refused(refusal) => Err(refusal.failure()),
        }
    }

    /// Begins a session, unless the registry, the provider's row or the organisation's directory refuses the person. All three are
    /// read in the write that stores the session. A refusal stores no session.
    pub async fn try_begin_session(
        &self,
        claims: IdTokenClaims,
        start: SessionStart,
    ) -> Result<SessionResult, Failure> {
        let now = self.clock.now();
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let hash = self.data_keys.hash_name(&secret);
        let keys = self.data_keys.clone();
        let write = self.store.write(async move |tx| {
            let role = match admitted_role(&tx, &claims, &keys, now).await? {
                Ok(role) => role,
                Err(refusal) => return Ok(Err(refusal)),
            };
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
                issuer: &claims.issuer,
                provider_role: claims.role_id.as_deref(),
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
            Ok(Ok(actor))
        });
        match write.await? {
            Ok(actor) => {
                self.metrics.sessions.inc();
                Ok(SessionResult::Begun(actor, Phi::new(secret)))
            }
            Err(refusal) => Ok(SessionResult::Refused(refusal)),
        }
    }

    /// The platform's own public keys, of user tokens and of client assertions (RFC 7517).
    pub fn platform_keys(&self) -> Value {
        let public = self.keys.own().public();
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": public.kid, "x": public.x,
        }] })
    }

    /// A five-minute token for `actor`.
    pub fn mint(&self, actor: &Actor, scope: &str, now: Timestamp) -> Result<TokenResponse, Failure> {
        self.sign(&UserClaims::new(actor, scope, now))
    }

    /// The same for a client that may make so many requests a minute. `None`: the default of its scope.
    pub fn mint_for_client(
        &self,
        actor: &Actor,
        scope: &str,
        requests_per_minute: Option<u32>,
        now: Timestamp,
    ) -> Result<TokenResponse, Failure> {
        let per_minute = requests_per_minute.and_then(NonZeroU32::new);
        self.sign(&UserClaims { per_minute, ..UserClaims::new(actor, scope, now) })
    }

    fn sign(&self, claims: &UserClaims) -> Result<TokenResponse, Failure> {
        let access_token = sign_user(self.keys.own(), claims).map_err(Failure::internal)?;
        let scope = claims.scope.clone();
        Ok(TokenResponse { access_token, token_type: "Bearer", expires_in: LIFE_SECONDS, scope })
    }
}

/// The role of a person whom the rules and their organisation's directory let in. Patients and machines are in no directory.
async fn admitted_role(
    tx: &DatabaseTransaction,
    claims: &IdTokenClaims,
    keys: &DataKeys,
    now: Timestamp,
) -> Result<Result<Role, SignInRefusal>, DbErr> {
    let organisation = match session_rules::check(tx, claims).await? {
        Ok(organisation) => organisation,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(role) = claims.role.filter(|role| domain::actor_kind(*role) != ActorKind::Person) {
        return Ok(Ok(role));
    }
    let org = OdsCode::new(&claims.org);
    let admission = Admission {
        org: &org,
        issuer: &claims.issuer,
        subject: &claims.subject,
        user_name: claims.user_name.as_deref(),
        name: &claims.name,
        role: claims.role,
        keys,
        now,
    };
    Ok(match people::admit(tx, &admission).await? {
        AdmitResult::Admitted { role } => {
            let role = role.ok_or(SignInRefusal::NoRole);
            role.and_then(|role| session_rules::check_role(organisation.as_ref(), claims.origin, role).map(|()| role))
        }
        AdmitResult::Ended => Err(SignInRefusal::Ended),
        AdmitResult::NotInDirectory => Err(SignInRefusal::NotInDirectory),
    })
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
