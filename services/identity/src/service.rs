//! Identity's contract: begins, finds and ends sessions, mints tokens, and returns the registry.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use lcr_auth::{KeyRing, UserClaims, sign_user, token::LIFE_SECONDS};
use lcr_contracts::{Failure, Identity, events::SessionEnded, identity::SignedIn, registry::Registry};
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
    store::{self, session::SessionRow},
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

/// RFC 6749 section 5.1.
#[derive(Serialize)]
pub struct TokenResponse {
    pub access_token: String,
    pub token_type: &'static str,
    pub expires_in: i64,
    pub scope: String,
}

impl Service {
    /// Begins a session for the person in a verified ID token. Returns the secret of the session's cookie.
    pub async fn begin_session(&self, claims: IdTokenClaims) -> Result<(Actor, Phi<String>), Failure> {
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
            store::session::insert(&tx, &hash, &actor, claims.sid.as_deref(), now).await?;
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

    /// The session of `secret`, and the index of the key that its hash was made with.
    async fn find_session(&self, secret: &Phi<String>) -> Result<Option<(usize, String, SessionRow)>, Failure> {
        for (key, hash) in self.data_keys.hash_names(secret.as_ref()).into_iter().enumerate() {
            let session = store::session::find(self.store.read(), &hash).await?;
            if let Some(row) = session {
                return Ok(Some((key, hash, row)));
            }
        }
        Ok(None)
    }

    async fn end_stored_session(&self, hash: String, session: SessionId) -> Result<(), Failure> {
        let at = self.clock.now();
        let write = self.store.write(async move |tx| {
            store::session::delete(&tx, &hash).await?;
            Store::publish(&tx, at, &[SessionEnded { session, at }]).await
        });
        Ok(write.await?)
    }

    async fn record_activity(&self, hash: String, now: Timestamp) -> Result<(), Failure> {
        let write = self.store.write(async move |tx| store::session::record_activity(&tx, &hash, now).await);
        Ok(write.await?)
    }
}

#[async_trait]
impl Identity for Service {
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure> {
        let Some((key, hash, row)) = self.find_session(secret).await? else { return Ok(None) };
        let (now, actor) = (self.clock.now(), row.actor.clone());
        if !domain::is_alive(row.started, row.seen, now) {
            self.end_stored_session(hash, actor.session).await?;
            return Ok(None);
        }
        if active && now.as_second() - row.seen.as_second() >= domain::ACTIVITY_INTERVAL_SECONDS {
            self.record_activity(hash, now).await?;
        }
        let organisation = store::registry::find_organisation(self.store.read(), actor.org.as_str()).await?;
        let organisation = organisation.map_or_else(|| actor.org.0.clone(), |org| org.name);
        Ok(Some(SignedIn {
            token: Phi::new(self.mint(&actor, "session", now)?.access_token),
            until: now + SignedDuration::from_secs(LIFE_SECONDS),
            // Uses the session's key, so that a page opened before a key change can still be submitted.
            form_token: Phi::new(self.data_keys.hash_names(&format!("form/{}", secret.as_ref())).swap_remove(key)),
            organisation,
            actor,
        }))
    }

    async fn end_session(&self, secret: &Phi<String>) -> Result<(), Failure> {
        match self.find_session(secret).await? {
            Some((_, hash, row)) => self.end_stored_session(hash, row.actor.session).await,
            None => Ok(()),
        }
    }

    async fn registry(&self) -> Result<Registry, Failure> {
        Ok(store::registry::load(self.store.read()).await?)
    }
}
