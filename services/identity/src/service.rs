//! What identity does: begin, find and end sessions, mint tokens, answer the registry.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use lcr_auth::{KeyRing, UserClaims, sign_user, token::LIFE_SECONDS};
use lcr_contracts::{
    Failure, Identity,
    events::SessionEnded,
    identity::{Registry, SignedIn},
};
use lcr_model::{Actor, Clock, OdsCode, Phi, Role, SessionId, UserId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::DbErr;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Numbers, domain, login,
    oidc::{
        Oidc,
        callback::{Vouched, refused},
    },
    store::{self, session::SessionRow},
};

pub struct Service {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub keys: KeyRing,
    pub data_keys: Arc<DataKeys>,
    pub oidc: Oidc,
    pub public_origin: String,
    /// A demonstration: a source may take any sender.
    pub demo: bool,
    pub numbers: Numbers,
}

/// RFC 6749 section 5.1.
#[derive(Serialize)]
pub struct TokenAnswer {
    pub access_token: String,
    pub token_type: &'static str,
    pub expires_in: i64,
    pub scope: String,
}

fn away(error: &DbErr) -> Failure {
    lcr_store::unavailable(error)
}

impl Service {
    /// Begins a session for somebody a provider vouches for; returns the cookie's secret.
    pub async fn begin_session(&self, vouched: Vouched) -> Result<(Actor, Phi<String>), Failure> {
        let registry = self.registry().await?;
        let patient = domain::is_patient(&vouched.role);
        if !patient && !registry.organisations.iter().any(|org| org.ods.as_str() == vouched.org) {
            return Err(refused("the organisation is not in the registry"));
        }
        let role: Role = vouched.role.parse().map_err(|_| refused("the role is not one of ours"))?;
        let now = self.clock.now();
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let hash = self.data_keys.hash_name(&secret);
        let keys = self.data_keys.clone();
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                // (issuer, subject) is the stable key of a person; an e-mail address is not.
                let hashes = keys.hash_names(&format!("{}\u{0}{}", vouched.issuer, vouched.subject));
                let user = store::user::find_or_make(tx, &hashes, &vouched.name).await?;
                let actor = Actor {
                    user: UserId::new(user),
                    kind: domain::kind(role),
                    name: vouched.name,
                    org: OdsCode::new(vouched.org),
                    role,
                    purpose: domain::purpose(role),
                    session: SessionId::new(),
                };
                store::session::begin(tx, &hash, &actor, vouched.sid.as_deref(), now).await?;
                if let Some(proofed) = vouched.patient.filter(|_| actor.role == Role::Patient) {
                    let hash = login::hash(&proofed, &keys);
                    if store::user::proofed_anew(tx, actor.user.as_str(), &hash).await? {
                        let said = login::demographics(&actor.user, &proofed, &keys, now)?;
                        Store::publish(tx, now, &[said]).await?;
                    }
                }
                Ok(actor)
            })
        });
        let actor = write.await?;
        self.numbers.sessions.inc();
        Ok((actor, Phi::new(secret)))
    }

    /// A five-minute token for `actor`.
    pub fn mint(&self, actor: &Actor, scope: &str, now: Timestamp) -> Result<TokenAnswer, Failure> {
        let claims = UserClaims::new(actor, scope, now);
        let access_token = sign_user(self.keys.own(), &claims).map_err(Failure::internal)?;
        Ok(TokenAnswer {
            access_token,
            token_type: "Bearer",
            expires_in: LIFE_SECONDS,
            scope: scope.to_owned(),
        })
    }

    /// The session of `secret`, and which of the keys its hash was made with.
    async fn find(&self, secret: &Phi<String>) -> Result<Option<(usize, String, SessionRow)>, Failure> {
        for (key, hash) in self.data_keys.hash_names(secret.as_ref()).into_iter().enumerate() {
            let found = store::session::find(self.store.read(), &hash).await.map_err(|e| away(&e))?;
            if let Some(row) = found {
                return Ok(Some((key, hash, row)));
            }
        }
        Ok(None)
    }

    async fn end(&self, hash: String, session: SessionId) -> Result<(), Failure> {
        let at = self.clock.now();
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                store::session::end(tx, &hash).await?;
                Store::publish(tx, at, &[SessionEnded { session, at }]).await
            })
        });
        Ok(write.await?)
    }

    async fn touch(&self, hash: String, now: Timestamp) -> Result<(), Failure> {
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move { store::session::touch(tx, &hash, now).await })
        });
        Ok(write.await?)
    }
}

#[async_trait]
impl Identity for Service {
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure> {
        let Some((key, hash, row)) = self.find(secret).await? else { return Ok(None) };
        let (now, actor) = (self.clock.now(), row.actor.clone());
        if !domain::lives(row.started, row.seen, now) {
            self.end(hash, actor.session).await?;
            return Ok(None);
        }
        if active && now.as_second() - row.seen.as_second() >= domain::TOUCH_SECONDS {
            self.touch(hash, now).await?;
        }
        let organisation = store::registry::organisation(self.store.read(), actor.org.as_str()).await;
        let organisation =
            organisation.map_err(|e| away(&e))?.map_or_else(|| actor.org.0.clone(), |org| org.name);
        Ok(Some(SignedIn {
            token: Phi::new(self.mint(&actor, "session", now)?.access_token),
            until: now + SignedDuration::from_secs(LIFE_SECONDS),
            // Under the session's own key: a page that is open while keys change can still be sent.
            form_token: Phi::new(
                self.data_keys.hash_names(&format!("form/{}", secret.as_ref())).swap_remove(key),
            ),
            organisation,
            actor,
        }))
    }

    async fn end_session(&self, secret: &Phi<String>) -> Result<(), Failure> {
        match self.find(secret).await? {
            Some((_, hash, row)) => self.end(hash, row.actor.session).await,
            None => Ok(()),
        }
    }

    async fn registry(&self) -> Result<Registry, Failure> {
        store::registry::load(self.store.read()).await.map_err(|e| away(&e))
    }
}
