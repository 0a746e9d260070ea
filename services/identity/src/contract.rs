//! Identity's contract: finds and ends sessions, accepts launches, and returns the registry. A secret must never be logged.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use lcr_auth::token::LIFE_SECONDS;
use lcr_contracts::{
    Failure, Identity,
    events::SessionEnded,
    identity::{Launch, LaunchTicket, RoleChoices, SignedIn},
    registry::Registry,
};
use lcr_model::{OdsCode, Phi, SessionId};
use lcr_store::Store;

use crate::{
    domain, http, launch,
    oidc::role_choice,
    service::Service,
    store::{self, session::SessionRow},
};

impl Service {
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
            signed_in_at: row.authenticated_at,
            frame_ancestors: row.frame_ancestors.split_whitespace().map(str::to_owned).collect(),
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

    async fn launch(&self, token: &Phi<String>) -> Result<LaunchTicket, Failure> {
        launch::accept(self, token.as_ref()).await
    }

    async fn role_choices(&self, sealed: &Phi<String>) -> Result<Option<RoleChoices>, Failure> {
        let now = self.clock.now();
        let Some(pending) = role_choice::open(&self.data_keys, sealed.as_ref(), now) else { return Ok(None) };
        let registry = self.registry().await?;
        let name_of = |ods: &OdsCode| registry.organisation(ods).map(|organisation| organisation.name.clone());
        Ok(Some(RoleChoices {
            form_token: Phi::new(http::role_choice_token(self, sealed.as_ref())),
            choices: role_choice::choices(&pending.user, name_of),
        }))
    }

    async fn open_launch(&self, ticket: &Phi<String>) -> Result<Option<Launch>, Failure> {
        launch::ticket::open(self, ticket.as_ref()).await
    }
}
